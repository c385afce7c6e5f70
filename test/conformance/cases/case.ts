import { DType } from "../../../assembly/abi.js";
import type { Program } from "../../../models/package/program.js";
import { toBytes } from "../../reference/tensor.js";
import type { TensorSpec } from "../builder.js";
import type { Random } from "../random.js";

/** A program and what is fed to it. */
export interface Case {
  readonly name: string;
  readonly program: Program;
  /** Bytes of the input tensor, one entry a timestep. */
  readonly frames: readonly Uint8Array[];
  /** Timesteps before which a window begins. */
  readonly windows?: readonly number[];
}

/** How full an input is: the fraction of elements that are not zero, or all of them at ±bound. */
export type Density = 0 | 0.05 | 0.3 | 1 | "max" | "mixed max";
export const DENSITIES: readonly Density[] = [0, 0.05, 0.3, 1, "max", "mixed max"];

export function fill(spec: TensorSpec, density: Density, random: Random): Uint8Array {
  const signed = spec.dtype !== DType.U8;
  const greatest = Math.min(spec.bound, { [DType.U8]: 255, [DType.I8]: 127, [DType.I16]: 32767, [DType.I32]: 2147483647 }[spec.dtype]);
  const sign = (): number => (signed && random.chance(0.5) ? -1 : 1);
  const element = (): number => {
    if (density === "max") return greatest;
    if (density === "mixed max") return sign() * greatest;
    return random.chance(density) ? sign() * random.integer(1, greatest) : 0;
  };
  return toBytes({ ...spec, data: Array.from({ length: spec.h * spec.w * spec.c }, element) });
}

/** Frames of all densities. */
export function fills(spec: TensorSpec, random: Random): Uint8Array[] {
  return DENSITIES.map((density) => fill(spec, density, random));
}
