// The exports of the embedded build, which wasm2c makes C of (firmware-bridge/firmware/embed): one stream, no workspace, no profile.
// Addresses are the processor's own.

import { ABI_VERSION, Status } from "./abi";
import * as load_ from "./executor/load";
import * as step_ from "./executor/step";
import * as frames from "./frames/events";
import { lendScratch, SCRATCH_BYTES } from "./memory/scratch";
import * as state_ from "./memory/state";

/** ABI_VERSION of this build. */
export function version(): u32 { return ABI_VERSION; }
/** Bytes that `load` wants at `scratch`. */
export function scratchBytes(): u32 { return SCRATCH_BYTES; }
/** The gate: see executor/load.ts. */
export function load(plan: usize, planBytes: u32, constants: usize, constantsBytes: u32, arena: usize, arenaBytes: u32, scratch: usize): Status {
  lendScratch(scratch);
  return load_.loadPlan(plan, planBytes, constants, constantsBytes, arena, arenaBytes);
}
/** Index of the tensor or op that the last load refused. */
export function fault(): u32 { return load_.fault(); }
/** Makes StateBytes at `state` a stream's fresh state. */
export function reset(state: usize): Status { return state_.reset(state); }
/** Returns readouts to zero. */
export function beginWindow(state: usize): Status { return step_.startWindow(state); }
/** One timestep on the input tensor as it stands. */
export function step(state: usize): Status { return step_.step(state); }
/** Ops first..past−1 of a timestep, without advancing it: for measurements. */
export function runOps(state: usize, first: u32, past: u32): Status { return step_.runOps(state, first, past); }
/** Empties the input tensor. */
export function clearFrame(): void { frames.clearFrame(); }
/** Adds one event to it. */
export function addEvent(x: u32, y: u32, p: u32): void { frames.addEvent(x, y, p); }
/** Events that lay outside the sensor. */
export function eventsOutside(): u32 { return frames.eventsOutside(); }
/** Events that met a pixel at its cap. */
export function frameSaturations(): u32 { return frames.frameSaturations(); }
