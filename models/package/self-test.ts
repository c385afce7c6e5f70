import { DType } from "../../assembly/abi.js";
import type { SelfTest } from "./card.js";
import { tensorBytes } from "./lowering/builder.js";
import type { Program, ProgramTensor } from "./program.js";
import { planOf } from "./writer.js";

/**
 * Loads plan and constants into an engine, resets a stream, and steps once a frame, beginning a window every T frames.
 * @returns SHA-256, hex, of the first output tensor's bytes after each timestep, concatenated
 */
export type SelfTestRunner =
  (plan: Uint8Array, constants: Uint8Array, frames: Uint8Array, timesteps: number) => string | Promise<string>;

/** Frames take at most this much of a package, but for one that is larger alone. */
const MOST_FRAME_BYTES = 65536;
const LEAST_TIMESTEPS = 4;
const MOST_TIMESTEPS = 16;
/** Of 256: sparse, denser and half-full frames take turns, so that the spike-driven and the dense kernels are both run. */
const DENSITIES = [8, 32, 128] as const;
const SEED = 0x5acc_ade1;

/** Deterministic frames for a program, and the digest that the runner gives for them. */
export async function makeSelfTest(program: Program, run: SelfTestRunner): Promise<SelfTest> {
  const input = program.tensors[program.input]!;
  const timesteps = selfTestTimesteps(program.timesteps, tensorBytes(input));
  const frames = selfTestFrames(input, program.frameCap, timesteps);
  return { frames, timesteps, digest: await run(planOf(program), program.constants, frames, timesteps) };
}

function selfTestTimesteps(window: number, frameBytes: number): number {
  const wanted = Math.min(Math.max(window, LEAST_TIMESTEPS), MOST_TIMESTEPS);
  return Math.max(1, Math.min(wanted, Math.floor(MOST_FRAME_BYTES / frameBytes)));
}

/** `timesteps` input tensors of u8 0..bound or i8 −bound..bound, most elements zero. */
export function selfTestFrames(input: ProgramTensor, cap: number, timesteps: number): Uint8Array {
  const signed = input.dtype === DType.I8;
  const most = Math.max(1, Math.min(input.bound, signed ? 127 : cap));
  const size = tensorBytes(input);
  const frames = new Uint8Array(size * timesteps);
  let random = SEED;
  for (let i = 0; i < frames.length; i++) {
    random = xorshift(random);
    if ((random & 255) >= DENSITIES[Math.floor(i / size) % DENSITIES.length]!) continue;
    // Half of the counts are 1, a quarter spread to the cap: as in recordings, few pixels are hot.
    const value = (random >>> 8) & 1 ? 1 : 1 + ((random >>> 9) % most);
    frames[i] = signed && (random >>> 31) === 1 ? -value : value;
  }
  return frames;
}

/** Marsaglia's xorshift32 (13, 17, 5): a generator of period 2^32 − 1. */
function xorshift(x: number): number {
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x >>> 0;
}
