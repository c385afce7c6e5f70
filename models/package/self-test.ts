import { ModelError } from "../errors.js";
import type { SelfTest } from "./card.js";
import type { Program } from "./program.js";

/**
 * Loads plan and constants into an engine, resets a stream, begins a window, and steps once a frame.
 * @returns SHA-256, hex, of the first output tensor's bytes after each timestep, concatenated
 */
export type SelfTestRunner =
  (plan: Uint8Array, constants: Uint8Array, frames: Uint8Array, timesteps: number) => string | Promise<string>;

/** Deterministic frames for a program, and the digest that the runner gives for them. */
export async function makeSelfTest(_program: Program, _run: SelfTestRunner): Promise<SelfTest> {
  throw new ModelError("PACKAGE_INVALID", "the self-test is being written", "wait");
}
