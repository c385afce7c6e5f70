// Input rows as lists of their spikes: an element's index in the row, u16, as often as its count. Lists are made at most once
// a row, eight elements at a time without a branch, and serve every output row and every kernel column that reads them.

import { lists } from "../memory/workspace";
import { ci, dy, ih, inputAt, iw, kh, padLeft, paddedWidth, span } from "./geometry";

/** Entries beyond a list's end that a vector store may write. */
const SLACK: i32 = 24;
/** Said of rows with more spikes than a list can hold. */
const TOO_MANY: i32 = 0x3fffffff;

/** Entries that a row's list holds: as many as the dense kernel would never be slower for. */
function capacity(): i32 {
  return iw * ci * 2;
}

function startsBytes(): usize {
  return <usize>(paddedWidth + 1) << 2;
}

/** Bytes of one slot: the starts u32[paddedWidth + 1], addresses of each pixel's first entry; then the entries. */
function slotBytes(): u32 {
  return (<u32>startsBytes() + <u32>((capacity() + SLACK) << 1) + 15) & ~15;
}

/** Bytes of the ring for the op at hand: a slot for each row of the kernel's span, and the starts of an empty row. */
export function listBytes(): u32 {
  return <u32>span * slotBytes() + <u32>startsBytes();
}

/** Addresses of the starts of the kernel's rows, MAX_KERNEL of them. */
export function startsTable(): usize {
  return memory.data(256, 16);
}

/** For each slot: the row that was summed last, its sum of counts, the row that was listed last, whether by its ends; −1 for none. */
function tags(): usize {
  return memory.data(1024, 16);
}

/** For each mask of eight elements the indices of those that are set, u16[8]. */
function indices(): usize {
  return memory.data(4096, 16);
}

/** Address behind the last entry of a list. */
export function startsEnd(starts: usize): usize {
  return load<usize>(starts + (<usize>paddedWidth << 2));
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
    store<i32>(tags() + (<usize>slot << 4), -1);
    store<i32>(tags() + (<usize>slot << 4), -1, 8);
  }
}

/** The sum of counts of the input rows that an output row beginning at `top` reads, or more than any threshold. */
export function spikesAt(top: i32): i32 {
  let sum = 0;
  for (let ky = 0, y = top; ky < kh; ky++, y += dy) {
    if (<u32>y >= <u32>ih) continue;
    const tag = tags() + (<usize>(y % span) << 4);
    if (load<i32>(tag) != y) {
      store<i32>(tag, y);
      store<i32>(tag, sumOf(inputAt + <usize>(y * iw * ci), iw * ci), 4);
    }
    const counts = load<i32>(tag, 4);
    if (counts > capacity()) return TOO_MANY;
    sum += counts;
  }
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

/** Σ of n bytes. */
function sumOf(at: usize, n: i32): i32 {
  let sums = i32x4.splat(0), i = 0;
  for (; i + 16 <= n; i += 16) {
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(v128.load(at + i))));
  }
  let sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
  for (; i < n; i++) sum += <i32>load<u8>(at + i);
  return sum;
}

/**
 * Fills startsTable with the lists of the rows that an output row beginning at input row `top` reads.
 * @param ends  whether only a list's first and last start are wanted
 */
export function listsAt(top: i32, ends: bool): void {
  const bytes = slotBytes(), table = startsTable();
  for (let ky = 0, y = top; ky < kh; ky++, y += dy) {
    let starts = lists + <usize>span * bytes;
    if (<u32>y < <u32>ih) {
      const slot = <usize>(y % span), tag = tags() + (slot << 4);
      starts = lists + slot * bytes;
      if (load<i32>(tag, 8) != y || (!ends && load<i32>(tag, 12) != 0)) {
        if (ends) listEnds(inputAt + <usize>(y * iw * ci), starts);
        else listRow(inputAt + <usize>(y * iw * ci), starts);
        store<i32>(tag, y, 8);
        store<i32>(tag, i32(ends), 12);
      }
    }
    store<usize>(table + (<usize>ky << 2), starts);
  }
}

function listEnds(row: usize, starts: usize): void {
  const first = starts + startsBytes(), n = iw * ci;
  let end = first;
  for (let i = 0; i < n; i += 16) end = listSixteen(row, i, n - i < 16 ? (1 << (n - i)) - 1 : 0xffff, end);
  store<usize>(starts, first);
  store<usize>(starts + (<usize>paddedWidth << 2), end);
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
  const n = iw * ci;
  for (let i = 0; i < n; i += ci, start += 4) {
    store<usize>(start, end);
    for (let c = 0; c < ci; c += 16) {
      const left = ci - c;
      end = listSixteen(row, i + c, left < 16 ? (1 << left) - 1 : 0xffff, end);
    }
  }
  return end;
}

/** One, two or four channels: sixteen elements are several pixels, whose starts follow from the mask. */
function listSmallPixels(row: usize, start: usize, end: usize): usize {
  const n = iw * ci;
  for (let i = 0; i < n; i += 16) {
    const left = n - i, wanted = left < 16 ? (1 << left) - 1 : 0xffff;
    const from = end, mask = spikeMask(row + i) & wanted;
    end = listSixteen(row, i, wanted, end);
    if (end - from == <usize>popcnt(mask) << 1) {
      for (let k = 0; k < min(left, 16); k += ci, start += 4) store<usize>(start, from + (<usize>popcnt(mask & ((1 << k) - 1)) << 1));
    } else {
      let at = from;
      for (let k = 0; k < min(left, 16); k++) {
        if (k % ci == 0) {
          store<usize>(start, at);
          start += 4;
        }
        at += <usize>load<u8>(row + i + k) << 1;
      }
    }
  }
  return end;
}

@inline
function spikeMask(at: usize): i32 {
  return i8x16.bitmask(i8x16.ne(v128.load(at), i8x16.splat(0)));
}

/** Lists the spikes among elements i..i+15 that `wanted` has a bit for. @returns the list's end */
@inline
function listSixteen(row: usize, i: i32, wanted: i32, end: usize): usize {
  const v = v128.load(row + i), mask = i8x16.bitmask(i8x16.ne(v, i8x16.splat(0))) & wanted;
  if (v128.any_true(i8x16.gt_u(v, i8x16.splat(1)))) return listCounts(row + i, i, mask, end);
  const low = <usize>(mask & 0xff), high = <usize>(mask >> 8);
  v128.store(end, i16x8.add(v128.load(indices() + (low << 4)), i16x8.splat(<i16>i)));
  end += <usize>popcnt(<i32>low) << 1;
  v128.store(end, i16x8.add(v128.load(indices() + (high << 4)), i16x8.splat(<i16>(i + 8))));
  return end + (<usize>popcnt(<i32>high) << 1);
}

/** The same where counts above 1 are among them. */
function listCounts(at: usize, i: i32, mask: i32, end: usize): usize {
  for (; mask != 0; mask &= mask - 1) {
    const k = ctz(mask);
    for (let count = <i32>load<u8>(at + k); count > 0; count--, end += 2) store<u16>(end, <u16>(i + k));
  }
  return end;
}
