// The workspace: what `prepare` (executor/prepare.ts) makes of a loaded plan so that steps need not, and the rows that are in
// flight inside a step. Vector builds have one; without it every op runs by the plain kernels, with the same results.

import { ALIGN } from "../abi";
import { opRecord } from "./plan";

/** Words of what is prepared for a weighted op. */
export const enum Prepared {
  /** 1 when the row kernels run this weighted op. */
  Rows = 0,
  /** 1 when its accumulators are proven to fit an i16. */
  Narrow = 1,
  /**
   * 1 when the op behind it is a neuron or a Requantise that takes its accumulators row by row, and nobody else reads them. Of a Requantise:
   * 1 when the op behind it is an Add that takes what it rescales, likewise.
   */
  Fused = 2,
  /** Weights in the dense kernel's order: i16, one block for each timestep's weights. */
  Packed = 3,
  PackedStride = 4,
  /** Bias in lanes: i16 or i32 by Narrow, padded with zeros to whole blocks of columns. */
  Bias = 5,
  /** Inputs in 1024 that are not zero above which the dense kernel is faster. */
  Crossover = 6,
  /** Where the spikes of a row go, for rows of few spikes; 0 when they are always gathered. */
  Targets = 7,
}

/** Words of what is prepared for a neuron behind a weighted op, most of it for i16 accumulators. */
export const enum PreparedNeuron {
  /** Multipliers that give exactly what its own do: of stateless kinds i16[Period] for Q15, of LIF by Product; or 0. */
  Factors = 0,
  /** Of stateless kinds: f of the Q15 product, and by how many bits an accumulator is shifted before it. */
  FractionBits = 1,
  Gain = 2,
  /** Of stateless kinds: thresholds i16[D, Period] that give exactly its counts, or 0; the greatest i16 is never reached. */
  Thresholds = 3,
  /** neurons/neuron.ts. */
  Path = 4,
  /** Of LIF: neurons/lif-row.ts. */
  Product = 5,
  /** Of stateless kinds: one row of counts without input, u8[ow, co]. */
  Rest = 6,
}

export const PREPARED_BYTES: u32 = 32;

let records: usize = 0;
let top: usize = 0;
let writing: bool = false;

/** Zeros that no kernel writes: a row outside the input. */
export let zeros: usize = 0;
/** Rows of inputs as i16, a ring. */
export let wideRows: usize = 0;
/** Rows of inputs as lists of their spikes, a ring. */
export let lists: usize = 0;
/** One row of accumulators on its way to a neuron. */
export let accumulators: usize = 0;

/** Whether a workspace is there. */
export function isPrepared(): bool {
  return records != 0;
}

export function forget(): void {
  records = 0;
}

/** What is prepared for the op record at `op`: its words by Prepared. */
export function prepared(op: usize): usize {
  return records + ((op - opRecord(0)) >> 2);
}

/** Begins a layout at `at`. Without `write` sizes are only added up. */
export function beginLayout(at: usize, write: bool): void {
  top = at;
  writing = write;
}

/** The next `bytes` of the workspace. */
export function take(bytes: u32): usize {
  const here = top;
  top += (bytes + ALIGN - 1) & ~(ALIGN - 1);
  return here;
}

export function isWriting(): bool {
  return writing;
}

export function layoutEnd(): usize {
  return top;
}

export function placeRows(atRecords: usize, atZeros: usize, atWide: usize, atLists: usize, atAccumulators: usize): void {
  records = atRecords;
  zeros = atZeros;
  wideRows = atWide;
  lists = atLists;
  accumulators = atAccumulators;
}
