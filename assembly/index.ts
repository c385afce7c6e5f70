// The engine's exports: the whole boundary. Addresses are bytes in the imported memory; results are numbers.

import { ABI_VERSION, Status } from "./abi";
import * as load_ from "./executor/load";
import * as prepare_ from "./executor/prepare";
import { bindProfile } from "./executor/profile";
import * as self_ from "./executor/self-check";
import * as step_ from "./executor/step";
import * as window from "./executor/window";
import * as frames from "./frames/events";
import * as state_ from "./memory/state";
import * as rows from "./rows/rows";

/** ABI_VERSION of this build. */
export function version(): u32 { return ABI_VERSION; }
/** First address that the engine does not use itself. */
export function base(): usize { return __heap_base; }
/** A word that every correct build gives alike on every correct machine. */
export function selfCheck(): u32 { return self_.selfCheck(); }

/** The gate: see executor/load.ts. */
export function load(plan: usize, planBytes: u32, constants: usize, constantsBytes: u32, arena: usize, arenaBytes: u32): Status {
  return load_.loadPlan(plan, planBytes, constants, constantsBytes, arena, arenaBytes);
}
/** Index of the tensor or op that the last load refused. */
export function fault(): u32 { return load_.fault(); }

/** Bytes of workspace that make the loaded plan's steps fast; 0 where the build has no use for one. */
export function workspaceBytes(): u32 { return prepare_.workspaceBytes(); }
/** Makes the workspace at `at`, room for workspaceBytes(). Without one every step is the same, and slower. */
export function prepare(at: usize): Status { return prepare_.prepare(at); }
/** Whether op `index` and the one behind it run as one, row by row: a neuron or a Requantise, or the Add behind that. */
export function isFused(index: u32): bool { return prepare_.isFused(index); }
/**
 * Sets from how many spikes on the rows of a weighted op go by the dense kernel, in 1024ths of the inputs in their reach; returns what was
 * set before, or 0xffffffff where op `index` has no choice. Results do not depend on it.
 */
export function setCrossover(index: u32, crossover: u32): u32 { return prepare_.setCrossover(index, crossover); }
/** Which kernels rows may use: 0 the faster, 1 dense, 2 spike-driven; for measurements. */
export function choose(kernels: u32): void { if (ASC_FEATURE_SIMD) rows.choose(kernels); }

/** Makes StateBytes at `state` a stream's fresh state. */
export function reset(state: usize): Status { return state_.reset(state); }
/** Whether the block at `state` is a state of the loaded plan: after restoring bytes from outside. */
export function checkState(state: usize): Status { return state_.check(state); }
/** Returns readouts to zero. */
export function beginWindow(state: usize): Status { return step_.startWindow(state); }
/** One timestep on the input tensor as it stands. */
export function step(state: usize): Status { return step_.step(state); }
/** A window, or a part of one: for each slice of events a frame and a timestep; see executor/window.ts. */
export function runSlices(state: usize, x: usize, y: usize, p: usize, ends: usize, slices: u32): Status {
  return window.runSlices(state, x, y, p, ends, slices);
}
/** Ops first..past−1 of a timestep, without advancing it: for measurements. */
export function runOps(state: usize, first: u32, past: u32): Status { return step_.runOps(state, first, past); }

/** Empties the input tensor. */
export function clearFrame(): void { frames.clearFrame(); }
/** Adds events to it. */
export function addEvents(x: usize, y: usize, p: usize, n: u32): void { frames.addEvents(x, y, p, n); }
/** The same where the frame is of points. */
export function addTimedEvents(x: usize, y: usize, t: usize, p: usize, n: u32): void { frames.addTimedEvents(x, y, t, p, n); }
/** Events that lay outside the sensor. */
export function eventsOutside(): u32 { return frames.eventsOutside(); }
/** Events that met a pixel at its cap. */
export function frameSaturations(): u32 { return frames.frameSaturations(); }

/** Counts into PROFILE_BYTES for each op at `records` from now on; 0 stops. */
export function profile(records: usize): void { bindProfile(records); }
