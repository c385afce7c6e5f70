// Input rows as lists of their spikes: the index in the row, u16, of each element that is not zero. Lists are made at most once a
// row, eight elements at a time and without a branch, and serve every output row and every kernel column that reads them.

import { lists } from "../memory/workspace";
import { ci, dy, ih, inputAt, iw, kh, padLeft, paddedWidth, span } from "./geometry";

/** Entries beyond a list's end that a vector store may write. */
const SLACK: i32 = 24;

/** What is known of the row in a slot of the ring, in words. */
const enum Known {
  /** The row that was counted last, −1 for none; its spikes, and whether a count above 1 is among them. */
  Counted = 0,
  Spikes = 1,
  Multiple = 2,
  /** The row that was listed last, and whether only by its ends. */
  Listed = 3,
  Ends = 4,
}
const KNOWN_SHIFT: usize = 5;

function startsBytes(): usize {
  return <usize>(paddedWidth + 1) << 2;
}

/** Bytes of one slot: the starts u32[paddedWidth + 1], addresses of each pixel's first entry; then the entries. */
function slotBytes(): u32 {
  return (<u32>startsBytes() + <u32>((iw * ci + SLACK) << 1) + 15) & ~15;
}

/** Bytes of the ring for the op at hand: a slot for each row of the kernel's span, and the starts of an empty row. */
export function listBytes(): u32 {
  return <u32>span * slotBytes() + <u32>startsBytes();
}

/** Addresses of the starts of the kernel's rows, MAX_KERNEL of them; behind each, at COUNTS, that of its counts. */
export function startsTable(): usize {
  return memory.data(512, 16);
}

export const COUNTS: usize = 256;

/** Known of each slot; `span` of them, at most MAX_KERNEL. */
function knownOf(y: i32): usize {
  return memory.data(2048, 16) + (<usize>(y % span) << KNOWN_SHIFT);
}

@inline
function known(at: usize, what: Known): i32 {
  return load<i32>(at + (<usize>what << 2));
}

@inline
function know(at: usize, what: Known, value: i32): void {
  store<i32>(at + (<usize>what << 2), value);
}

/** For each mask of eight elements the indices of those that are set, u16[8]. */
function indices(): usize {
  return memory.data(4096, 16);
}

/** Once a program's life. */
export function fillIndices(): void {
  for (let mask = 0; mask < 256; mask++) {
    let at = indices() + (<usize>mask << 4);
    for (let bit = 0; bit < 8; bit++) {
      if ((mask >> bit & 1) == 0) continue;
      store<u16>(at, <u16>bit);
      at += 2;
    }
  }
}

export function beginLists(): void {
  memory.fill(lists + <usize>span * slotBytes(), 0, startsBytes());
  for (let slot = 0; slot < span; slot++) {
    know(knownOf(slot), Known.Counted, -1);
    know(knownOf(slot), Known.Listed, -1);
  }
}

/** Whether a count above 1 is among the spikes that `spikesAt` found. */
export let multiple: bool = false;

/** How many inputs are not zero in the rows that an output row beginning at `top` reads. */
export function spikesAt(top: i32): i32 {
  let sum = 0, many = 0;
  for (let ky = 0, y = top; ky < kh; ky++, y += dy) {
    if (<u32>y >= <u32>ih) continue;
    const at = knownOf(y);
    if (known(at, Known.Counted) != y) count(y, at);
    sum += known(at, Known.Spikes);
    many |= known(at, Known.Multiple);
  }
  multiple = many != 0;
  return sum;
}

/** Whether any input of the rows that an output row beginning at `top` reads is not zero. */
export function anySpike(top: i32): bool {
  for (let ky = 0, y = top; ky < kh; ky++, y += dy) {
    if (<u32>y < <u32>ih && anyByte(inputAt + <usize>(y * iw * ci), iw * ci)) return true;
  }
  return false;
}

function anyByte(at: usize, n: i32): bool {
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    if (v128.any_true(v128.load(at + i))) return true;
  }
  for (; i < n; i++) {
    if (load<u8>(at + i) != 0) return true;
  }
  return false;
}

/** Sixteen lanes count up to this. */
const MOST_ROUNDS: i32 = 255;

function count(y: i32, to: usize): void {
  const row = inputAt + <usize>(y * iw * ci), n = iw * ci;
  let spikes = 0, i = 0, above = 0, all = i8x16.splat(0);
  while (i + 16 <= n) {
    let lanes = i8x16.splat(0);
    for (const stop = min(i + 16 * MOST_ROUNDS, n - 15); i < stop; i += 16) {
      const v = v128.load(row + i);
      lanes = i8x16.sub(lanes, i8x16.ne(v, i8x16.splat(0)));
      all = v128.or(all, v);
    }
    const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(lanes));
    spikes += i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
  }
  for (; i < n; i++) {
    const value = <i32>load<u8>(row + i);
    spikes += i32(value != 0);
    above |= value;
  }
  know(to, Known.Counted, y);
  know(to, Known.Spikes, spikes);
  know(to, Known.Multiple, i32(above > 1 || v128.any_true(i8x16.gt_u(all, i8x16.splat(1)))));
}

/**
 * Fills startsTable for the rows that an output row beginning at input row `top` reads.
 * @param ends  whether only a list's first and last start are wanted
 */
export function listsAt(top: i32, ends: bool): void {
  const bytes = slotBytes(), table = startsTable();
  for (let ky: usize = 0, y = top; ky < <usize>kh << 2; ky += 4, y += dy) {
    if (<u32>y >= <u32>ih) {
      store<usize>(table + ky, lists + <usize>span * bytes);
      continue;
    }
    const at = knownOf(y), starts = lists + <usize>(y % span) * bytes, row = inputAt + <usize>(y * iw * ci);
    if (known(at, Known.Listed) != y || (!ends && known(at, Known.Ends) != 0)) {
      if (ends) listEnds(row, starts);
      else listRow(row, starts);
      know(at, Known.Listed, y);
      know(at, Known.Ends, i32(ends));
    }
    store<usize>(table + ky, starts);
    store<usize>(table + ky, row, COUNTS);
  }
}

/** Address behind the last entry of a list. */
export function startsEnd(starts: usize): usize {
  return load<usize>(starts + (<usize>paddedWidth << 2));
}

function listEnds(row: usize, starts: usize): void {
  const first = starts + startsBytes();
  store<usize>(starts, first);
  store<usize>(starts + (<usize>paddedWidth << 2), listRun(row, 0, iw * ci, first));
}

function listRow(row: usize, starts: usize): void {
  const first = starts + startsBytes();
  let start = starts;
  for (let x = 0; x < padLeft; x++, start += 4) store<usize>(start, first);
  const end = ci == 1 || ci == 2 || ci == 4 ? listSmallPixels(row, start, first) : listPixels(row, start, first);
  start += <usize>iw << 2;
  for (; start < first; start += 4) store<usize>(start, end);
}

/** @returns the list's end */
function listPixels(row: usize, start: usize, end: usize): usize {
  for (let i = 0, n = iw * ci; i < n; i += ci, start += 4) {
    store<usize>(start, end);
    end = listRun(row, i, ci, end);
  }
  return end;
}

/** One, two or four channels: sixteen elements are several pixels, whose starts follow from the mask. */
function listSmallPixels(row: usize, start: usize, end: usize): usize {
  for (let i = 0, n = iw * ci; i < n; i += 16) {
    const here = min(n - i, 16), mask = spikeMask(row + i) & ((1 << here) - 1);
    for (let k = 0; k < here; k += ci, start += 4) store<usize>(start, end + (<usize>popcnt(mask & ((1 << k) - 1)) << 1));
    end = listMask(i, mask, end);
  }
  return end;
}

/** Lists the spikes among elements i..i+n−1. @returns the list's end */
@inline
function listRun(row: usize, i: i32, n: i32, end: usize): usize {
  let k = 0;
  for (; k + 16 <= n; k += 16) end = listMask(i + k, spikeMask(row + i + k), end);
  return k == n ? end : listMask(i + k, spikeMask(row + i + k) & ((1 << (n - k)) - 1), end);
}

@inline
function spikeMask(at: usize): i32 {
  return i8x16.bitmask(i8x16.ne(v128.load(at), i8x16.splat(0)));
}

/** Lists elements i + k for each bit k of sixteen. */
@inline
function listMask(i: i32, mask: i32, end: usize): usize {
  const low = <usize>(mask & 0xff), high = <usize>(mask >> 8);
  v128.store(end, i16x8.add(v128.load(indices() + (low << 4)), i16x8.splat(<i16>i)));
  end += <usize>popcnt(<i32>low) << 1;
  v128.store(end, i16x8.add(v128.load(indices() + (high << 4)), i16x8.splat(<i16>(i + 8))));
  return end + (<usize>popcnt(<i32>high) << 1);
}
