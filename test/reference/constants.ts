import { NONE } from "../../assembly/abi.js";
import type { ProgramOp } from "../../models/package/program.js";

/** An op's word; absent ones are 0. */
export function word(op: ProgramOp, field: number): number {
  return op.words[field] ?? 0;
}

/** i32[length] at `offset` of a program's constants, or undefined when the offset is NONE. */
export function i32Array(constants: Uint8Array, offset: number, length: number): number[] | undefined {
  if (offset === NONE) return undefined;
  const view = new DataView(constants.buffer, constants.byteOffset, constants.byteLength);
  return Array.from({ length }, (_, i) => view.getInt32(offset + i * 4, true));
}

/** i8[length] at `offset`. */
export function i8Array(constants: Uint8Array, offset: number, length: number): number[] {
  const view = new DataView(constants.buffer, constants.byteOffset, constants.byteLength);
  return Array.from({ length }, (_, i) => view.getInt8(offset + i));
}
