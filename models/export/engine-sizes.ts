import { Op } from "../../assembly/abi.js";
import { CORES, type Core } from "./boards.js";

/** Bytes of the engine itself. */
export interface EngineSize {
  /** Code and constants, in flash. */
  readonly text: number;
  /** Its own variables and scratch, in RAM. */
  readonly ram: number;
}

const mask = (...ops: readonly Op[]): number => ops.reduce((bits, op) => bits | (1 << op), 0);

const LINEAR = mask(Op.Linear, Op.Neuron);
const CONV = LINEAR | mask(Op.Conv2d);
const POOLED = CONV | mask(Op.MaxPool, Op.SumPool, Op.AvgPool);
const ALL = mask(...Array.from({ length: Op.Neuron }, (_, i) => (i + 1) as Op));

/** Sets of operators that have been measured. */
export const OPERATOR_SETS = { linear: LINEAR, conv: CONV, pooled: POOLED, all: ALL } as const;
export type OperatorSet = keyof typeof OPERATOR_SETS;

/** Scratch and variables, on every core. */
export const OWN_RAM_BYTES = 1172;

/** saccade.c with gcc 12.2 -O2, and what it takes of libgcc, by core: `node build/bench/embed/engine-text.js` prints it. */
export const ENGINE_TEXT: Readonly<Record<Core, Readonly<Record<OperatorSet, number>>>> = {
  "cortex-m0": { linear: 17736, conv: 21816, pooled: 23720, all: 30748 },
  "cortex-m3": { linear: 15864, conv: 19632, pooled: 21348, all: 28044 },
  "cortex-m4": { linear: 15816, conv: 19576, pooled: 21288, all: 27960 },
  "cortex-m7": { linear: 15864, conv: 19616, pooled: 21344, all: 28008 },
  "cortex-m33": { linear: 15864, conv: 19632, pooled: 21348, all: 28044 },
  "cortex-m55": { linear: 16044, conv: 19804, pooled: 21520, all: 28204 },
};

/**
 * The engine for a mask of operators: as measured for the least set that holds them all, so never too little.
 * @param core undefined: the core on which it is greatest
 */
export function engineSize(core: Core | undefined, ops: number): EngineSize {
  const on = (each: Core): number =>
    Math.min(...(Object.keys(OPERATOR_SETS) as OperatorSet[]).filter((set) => (ops & ~OPERATOR_SETS[set]) === 0).map((set) => ENGINE_TEXT[each][set]));
  return { text: core === undefined ? Math.max(...CORES.map(on)) : on(core), ram: OWN_RAM_BYTES };
}
