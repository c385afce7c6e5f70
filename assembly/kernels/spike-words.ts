// Spike-driven accumulation without vectors: the rows that spikes name are listed, then added four columns a word. Of four int8 weights
// w, the bytes w + 128 are taken apart into two words of two 16-bit lanes, and lanes are summed over the list: exact for as long as
// Σ |value| ≤ 128, since 128 · 255 < 2^15. What is summed too much is 128 · Σ value. (NUMERICS.md §3)

import { DType } from "../abi";
import { copyRow, zeroRow } from "../memory/fill";
import { listScratch } from "../memory/scratch";

/** Σ |value| that lanes take. */
const MOST: i32 = 128;
/** A row with value 1 is {u32 row}, listed upwards; another is {u32 row, i32 value}, downwards. Both fit: a value other than 1 costs 2 or more. */
const LIST_BYTES: usize = 512;
const OFFSET: u64 = 0x8080808080808080;
const LANES: u32 = 0x00ff00ff;

let rows: usize = 0, source: usize = 0, out: usize = 0, columns: i32 = 0;
let onesEnd: usize = 0, others: usize = 0, room: i32 = 0, total: i32 = 0;
/** Bits of row addresses: whether all of them are whole words. */
let places: usize = 0;

/** @param weights  address of row 0   @param bias  i32[n] or 0   @param at  i32[n], out */
export function beginWords(weights: usize, bias: usize, at: usize, n: i32): void {
  rows = weights;
  source = bias;
  out = at;
  columns = n;
  places = weights;
  empty();
}

function empty(): void {
  onesEnd = listScratch();
  others = onesEnd + LIST_BYTES;
  room = MOST;
  total = 0;
}

/**
 * Lists the rows of the non-zero elements of a run; four bytes of zeros take one look.
 * @param at        n > 0 elements of `type`; whole words around them are readable
 * @param offset    bytes from row 0 to the first element's   @param rowBytes  from row to row
 */
export function listRun(at: usize, type: DType, n: i32, offset: u32, rowBytes: u32): void {
  places |= offset | rowBytes;
  const shift = u32(type == DType.I16), past = at + (<usize>n << shift), last = (past - 1) & ~3, step = rowBytes << (2 - shift);
  const before = <i32>(at & 3);
  let row = rows + offset - <usize>(before >> shift) * <usize>rowBytes;
  let from = at & ~3, word = load<u32>(from) & (<u32>-1 << (before << 3));
  while (from < last) {
    if (word != 0) listWord(word, type, row, rowBytes);
    from += 4;
    row += step;
    word = load<u32>(from);
  }
  word &= <u32>-1 >> (<u32>(~(past - 1) & 3) << 3);
  if (word != 0) listWord(word, type, row, rowBytes);
}

function listWord(word: u32, type: DType, row: usize, rowBytes: u32): void {
  const bits = type == DType.I16 ? 16 : 8;
  for (; word != 0; word >>= bits, row += rowBytes) {
    const value = type == DType.U8 ? <i32><u8>word : type == DType.I8 ? <i32><i8>word : <i32><i16>word;
    if (value == 1) {
      if (room == 0) addListed();
      store<u32>(onesEnd, row);
      onesEnd += 4;
      room--;
      total++;
    } else if (value != 0) {
      listOther(row, value);
    }
  }
}

function listOther(row: usize, value: i32): void {
  const cost = max(2, abs(value));
  if (cost > MOST) return addWide(row, value);
  if (room < cost) addListed();
  others -= 8;
  store<u32>(others, row);
  store<i32>(others, value, 4);
  room -= cost;
  total += value;
}

/** Brings the accumulators up to date. */
export function endWords(): void {
  if (room != MOST) addListed();
  else start();
}

/** The accumulators begin as the bias, where nothing has been added yet. */
function start(): void {
  if (source == out) return;
  if (source == 0) zeroRow(out, columns);
  else copyRow(out, source, columns);
  source = out;
}

/** A value that lanes do not take. */
function addWide(row: usize, value: i32): void {
  start();
  for (let c = 0, to = out; c < columns; c++, to += 4) store<i32>(to, load<i32>(to) + value * <i32>load<i8>(row + c));
}

/** Adds the list to the accumulators, and empties it. */
function addListed(): void {
  let c = 0;
  if ((places & 3) == 0) {
    for (; c + 8 <= columns; c += 8) addEight(c);
    if (c + 4 <= columns) {
      addFour(c);
      c += 4;
    }
  }
  for (; c < columns; c++) addOne(c);
  source = out;
  empty();
}

function addEight(c: i32): void {
  let a: u32 = 0, b: u32 = 0, d: u32 = 0, e: u32 = 0;
  for (let entry = listScratch(); entry < onesEnd; entry += 4) {
    const w = load<u64>(<usize>load<u32>(entry) + c) ^ OFFSET, low = <u32>w, high = <u32>(w >> 32);
    a += low & LANES;
    b += low >> 8 & LANES;
    d += high & LANES;
    e += high >> 8 & LANES;
  }
  for (let entry = others, end = listScratch() + LIST_BYTES; entry < end; entry += 8) {
    const w = load<u64>(<usize>load<u32>(entry) + c) ^ OFFSET, low = <u32>w, high = <u32>(w >> 32), value = load<u32>(entry, 4);
    a += (low & LANES) * value;
    b += (low >> 8 & LANES) * value;
    d += (high & LANES) * value;
    e += (high >> 8 & LANES) * value;
  }
  put(c, a, b);
  put(c + 4, d, e);
}

function addFour(c: i32): void {
  let a: u32 = 0, b: u32 = 0;
  for (let entry = listScratch(); entry < onesEnd; entry += 4) {
    const w = load<u32>(<usize>load<u32>(entry) + c) ^ <u32>OFFSET;
    a += w & LANES;
    b += w >> 8 & LANES;
  }
  for (let entry = others, end = listScratch() + LIST_BYTES; entry < end; entry += 8) {
    const w = load<u32>(<usize>load<u32>(entry) + c) ^ <u32>OFFSET, value = load<u32>(entry, 4);
    a += (w & LANES) * value;
    b += (w >> 8 & LANES) * value;
  }
  put(c, a, b);
}

function addOne(c: i32): void {
  let sum = 0;
  for (let entry = listScratch(); entry < onesEnd; entry += 4) sum += <i32>load<i8>(<usize>load<u32>(entry) + c);
  for (let entry = others, end = listScratch() + LIST_BYTES; entry < end; entry += 8) {
    sum += <i32>load<i8>(<usize>load<u32>(entry) + c) * load<i32>(entry, 4);
  }
  const at = <usize>c << 2;
  store<i32>(out + at, (source == 0 ? 0 : load<i32>(source + at)) + sum);
}

/** Four accumulators from column c on: `even` has the lanes of the first and third, `odd` of the second and fourth. */
function put(c: i32, even: u32, odd: u32): void {
  const at = <usize>c << 2, to = out + at, from = source + at, extra = total << 7;
  const first = <i32><i16>even, second = <i32><i16>odd, third = (<i32>even - first) >> 16, fourth = (<i32>odd - second) >> 16;
  if (source == 0) {
    store<i32>(to, first - extra);
    store<i32>(to, second - extra, 4);
    store<i32>(to, third - extra, 8);
    store<i32>(to, fourth - extra, 12);
  } else {
    store<i32>(to, load<i32>(from) + first - extra);
    store<i32>(to, load<i32>(from, 4) + second - extra, 4);
    store<i32>(to, load<i32>(from, 8) + third - extra, 8);
    store<i32>(to, load<i32>(from, 12) + fourth - extra, 12);
  }
}
