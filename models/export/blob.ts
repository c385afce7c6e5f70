import { ALIGN, PLAN_HEADER_WORDS, OP_WORDS, TENSOR_WORDS } from "../../assembly/abi.js";
import { alignUp } from "../package/lowering/constant-pool.js";
import type { PackageFile } from "../package/reader.js";

/** A stretch of words of the blob, and what they are. */
export interface BlobPart {
  readonly says: string;
  readonly words: Uint32Array;
}

/** Bytes of the blob: the plan, padded to ALIGN, and the tensors section behind it, whose 64 zero bytes at the end belong to it. */
export function blobBytes({ plan, constants }: Pick<PackageFile, "plan" | "constants">): number {
  return alignUp(plan.byteLength, ALIGN) + constants.byteLength;
}

/** What an embedded engine loads, in parts that a reader can tell apart; their words, one behind the other, are the blob. */
export function blobParts({ plan, constants, view: { program }, names }: PackageFile): BlobPart[] {
  const words = wordsOf(plan, alignUp(plan.byteLength, ALIGN));
  const parts: BlobPart[] = [];
  let at = 0;
  const take = (says: string, count: number): void => {
    parts.push({ says, words: words.subarray(at, at + count) });
    at += count;
  };
  take("plan", PLAN_HEADER_WORDS);
  program.tensors.forEach(({ h, w, c }, i) => take(`tensor ${i}: ${names.tensors[i]!}, ${h} x ${w} x ${c}`, TENSOR_WORDS));
  program.ops.forEach((_, i) => take(`op ${i}: ${names.ops[i]!}`, OP_WORDS));
  take("outputs", words.length - at);
  parts.push({ says: "tensors", words: wordsOf(constants, alignUp(constants.byteLength, 4)) });
  return parts;
}

/** Little-endian words; what is missing at the end is zero. */
function wordsOf(bytes: Uint8Array, length: number): Uint32Array {
  const padded = new Uint8Array(length);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return Uint32Array.from({ length: length / 4 }, (_, i) => view.getUint32(4 * i, true));
}
