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

/** int4 rows of `columns` at `offset`, each in whole bytes: the even column is the low half of its byte, in two's complement. */
export function int4Array(constants: Uint8Array, offset: number, length: number, columns: number): number[] {
  const bytes = Math.ceil(columns / 2);
  return Array.from({ length }, (_, i) => {
    const column = i % columns;
    const both = constants[offset + Math.floor(i / columns) * bytes + Math.floor(column / 2)]!;
    const half = column % 2 === 0 ? both % 16 : Math.floor(both / 16);
    return half < 8 ? half : half - 16;
  });
}

/** i8[length] at `offset`. */
export function i8Array(constants: Uint8Array, offset: number, length: number): number[] {
  const view = new DataView(constants.buffer, constants.byteOffset, constants.byteLength);
  return Array.from({ length }, (_, i) => view.getInt8(offset + i));
}
