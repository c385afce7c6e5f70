// Spike-driven accumulation: each non-zero input adds its weight row, times its value, to one row of accumulators.
// A kernel says `begin`, names runs of input elements, and ends with `end`. Vector builds first list the non-zero
// elements of all runs, then keep 16 or 32 columns in registers while they walk the list; the plain build does so too, with
// words (spike-words.ts). Every build adds int4 weights at once (vector builds meet them here only where they have no workspace, or
// the op does not go by rows).

import { DType } from "../abi";
import { loadElement } from "../memory/tensor";
import { addNibbles } from "./nibbles";
import { beginWords, endWords, listRun } from "./spike-words";
import { sumRows } from "./sum-rows";
import { startRow } from "./weighted";

/** Entries {u32 row offset, i32 value} that the list holds before it is worked off: 8 KiB, inside a first-level cache. */
const CAPACITY: i32 = 1024;
const ENTRY: i32 = 8;

let rows: usize = 0;
let accumulators: usize = 0;
let columns: i32 = 0;
let greatest: u32 = 0;
let signed: bool = false;
let listEnd: usize = 0;
let int4: bool = false;
/** With int4 weights: the first column that is wanted. */
let firstColumn: i32 = 0;

/**
 * @param weights  address of row 0's first column that is wanted
 * @param bias     i32[n], or 0
 * @param out      i32[n], the bias and the rows that follow
 * @param type     the input's; u8, i8 or i16   @param bound  greatest |input|
 */
export function begin(weights: usize, bias: usize, out: usize, n: i32, type: DType, bound: u32): void {
  int4 = false;
  if (ASC_FEATURE_SIMD) beginList(weights, bias, out, n, type, bound);
  else beginWords(weights, bias, out, n);
}

function beginList(weights: usize, bias: usize, out: usize, n: i32, type: DType, bound: u32): void {
  startRow(out, bias, n);
  rows = weights;
  accumulators = out;
  columns = n;
  greatest = bound;
  signed = type != DType.U8;
  listEnd = list();
}

/**
 * The same for int4 weights.
 * @param weights  address of row 0   @param first  its first column that is wanted   @param bias  i32[n] or 0   @param out  i32[n]
 */
export function beginInt4(weights: usize, first: i32, bias: usize, out: usize, n: i32): void {
  startRow(out, bias, n);
  rows = weights;
  firstColumn = first;
  accumulators = out;
  columns = n;
  int4 = true;
}

/**
 * Adds the rows of a run of inputs.
 * @param at        n > 0 inputs of `type`; 15 bytes behind them are readable
 * @param offset    bytes from row 0 to the row of the run's first element
 * @param rowBytes  bytes from one row to the next
 */
export function addRun(at: usize, type: DType, n: i32, offset: u32, rowBytes: u32): void {
  if (int4) return addNibbleRows(at, type, n, offset, rowBytes);
  if (ASC_FEATURE_SIMD) {
    switch (type) {
      case DType.U8: gatherAll<u8>(at, n, offset, rowBytes); break;
      case DType.I8: gatherAll<i8>(at, n, offset, rowBytes); break;
      default: gatherAll<i16>(at, n, offset, rowBytes);
    }
  } else {
    listRun(at, type, n, offset, rowBytes);
  }
}

function gatherAll<T>(at: usize, n: i32, offset: u32, rowBytes: u32): void {
  for (let from = 0; from < n; from += CAPACITY) {
    const part = min(n - from, CAPACITY);
    if (<i32>(listEnd - list()) > (CAPACITY - part) * ENTRY) end();
    listEnd = gather<T>(at + from * sizeof<T>(), part, offset + <u32>from * rowBytes, rowBytes, listEnd);
  }
}

/** Brings the accumulators up to date. */
export function end(): void {
  if (int4) return;
  if (ASC_FEATURE_SIMD) {
    sumRows(list(), listEnd, rows, accumulators, columns, greatest, signed);
    listEnd = list();
  } else {
    endWords();
  }
}

function list(): usize {
  return memory.data(8192, 16);
}

/** Appends an entry for each non-zero element. @returns the list's new end */
function gather<T>(at: usize, n: i32, offset: u32, rowBytes: u32, listed: usize): usize {
  const lanes: i32 = 16 / sizeof<T>();
  for (let i = 0; i < n; i += lanes) {
    const v = v128.load(at + i * sizeof<T>());
    let mask = sizeof<T>() == 1 ? i8x16.bitmask(i8x16.ne(v, i8x16.splat(0))) : i16x8.bitmask(i16x8.ne(v, i16x8.splat(0)));
    if (n - i < lanes) mask &= (1 << (n - i)) - 1;
    while (mask != 0) {
      const k = i + ctz(mask);
      store<u32>(listed, offset + <u32>k * rowBytes);
      store<i32>(listed, <i32>load<T>(at + k * sizeof<T>()), 4);
      listed += ENTRY;
      mask &= mask - 1;
    }
  }
  return listed;
}

function addNibbleRows(at: usize, type: DType, n: i32, offset: u32, rowBytes: u32): void {
  let row = rows + offset;
  for (let i = 0; i < n; i++, row += rowBytes) {
    const value = loadElement(at, type, i);
    if (value != 0) addNibbles(accumulators, row, firstColumn, value, columns);
  }
}
