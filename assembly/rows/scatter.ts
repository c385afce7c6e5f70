// Few spikes in a row's reach: instead of every output pixel asking for its spikes, each spike goes to the pixels that it
// reaches, and adds its weight row to theirs in memory. No branch depends on how many spikes a pixel has.

import { ci, co, iw, kh, kw, ow, padLeft, sx, weightRows } from "./geometry";
import { COUNTS, multiple, startsEnd, startsTable } from "./spike-list";
import { countOf, times } from "./spikes";

/** Bytes of a target: {u32 bytes from the output row's start, u32 bytes from the kernel row's weights}. */
const TARGET: usize = 8;

/** Output pixels of a row that one input pixel can reach. */
export function reach(): i32 {
  return (kw + sx - 1) / sx;
}

/** Bytes of the table of targets: `reach` of them for each element of an input row. */
export function targetBytes(): u32 {
  return <u32>(iw * ci * reach()) * <u32>TARGET;
}

/** Elements that reach fewer pixels have targets behind the row's end, where nobody looks. */
export function fillTargets(table: usize): void {
  const most = reach(), nowhere = <u32>(ow * co) << 1;
  for (let x = 0; x < iw; x++) {
    for (let c = 0; c < ci; c++) {
      let found = 0;
      for (let kx = (x + padLeft) % sx; kx < kw; kx += sx) {
        const left = x + padLeft - kx;
        if (left < 0 || left / sx >= ow) continue;
        store<u32>(table, <u32>(left / sx * co) << 1);
        store<u32>(table, <u32>((kx * ci + c) * co), 4);
        table += TARGET;
        found++;
      }
      for (; found < most; found++, table += TARGET) {
        store<u32>(table, nowhere);
        store<u32>(table, 0, 4);
      }
    }
  }
}

/**
 * One row of accumulators, i16[ow, co], every sum proven to fit; co is a multiple of 16, and one pixel more can be written.
 * @param targets  of fillTargets   @param bias  i16[co]
 */
export function scatterRow(out: usize, targets: usize, bias: usize): void {
  const bytes = <usize>co << 1;
  for (let at = out, past = out + <usize>ow * bytes; at < past; at += bytes) {
    for (let c: usize = 0; c < bytes; c += 32) {
      v128.store(at + c, v128.load(bias + c));
      v128.store(at + c, v128.load(bias + c, 16), 16);
    }
  }
  if (multiple) scatterAll<u8>(out, targets);
  else scatterAll<bool>(out, targets);
}

/** M is bool where all counts are 1. */
function scatterAll<M>(out: usize, targets: usize): void {
  if (co == 16) scatter<M, u16>(out, targets);
  else if ((co & 31) != 0) scatter<M, u8>(out, targets);
  else scatter<M, u32>(out, targets);
}

/** C stands for the columns that are added without a look at co: all sixteen, sixteen at a time, or 32 at a time. */
function scatter<M, C>(out: usize, targets: usize): void {
  const each = <usize>reach() * TARGET, kernelRow = <usize>(kw * ci * co);
  let w = weightRows;
  for (let row = startsTable(), past = row + (<usize>kh << 2); row < past; row += 4, w += kernelRow) {
    const starts = load<usize>(row), end = startsEnd(starts), counts = load<usize>(row, COUNTS);
    for (let entry = load<usize>(starts); entry < end; entry += 2) {
      const spike = <usize>load<u16>(entry), m = countOf<M>(counts + spike);
      let target = targets + spike * each;
      for (const last = target + each; target < last; target += TARGET) {
        let to = out + load<u32>(target), from = w + load<u32>(target, 4);
        if (sizeof<C>() == 2) {
          addSixteen<M>(to, from, m);
          continue;
        }
        for (const stop = from + <usize>co; from < stop; ) {
          addSixteen<M>(to, from, m);
          if (sizeof<C>() == 4) addSixteen<M>(to + 32, from + 16, m);
          from += sizeof<C>() == 4 ? 32 : 16;
          to += sizeof<C>() == 4 ? 64 : 32;
        }
      }
    }
  }
}

/** to, i16[16], += count · from, i8[16] */
@inline
function addSixteen<M>(to: usize, from: usize, count: v128): void {
  const v = v128.load(from);
  v128.store(to, i16x8.add(v128.load(to), times<M>(i16x8.extend_low_i8x16_s(v), count)));
  v128.store(to, i16x8.add(v128.load(to, 16), times<M>(i16x8.extend_high_i8x16_s(v), count)), 16);
}
