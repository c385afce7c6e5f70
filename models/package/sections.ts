import { createHash } from "node:crypto";
import { PlanField } from "../../assembly/abi.js";

export const PACKAGE_MAGIC = "saccade";
/** The newest format: 1, the card members openSet and denoise and frames of points. What can be said in format 1 is written in format 1. */
export const PACKAGE_FORMAT = 2;

/** In the order in which the file holds them. */
export const SECTIONS = ["card", "plan", "graph", "tensors", "selftest"] as const;
export type SectionName = (typeof SECTIONS)[number];

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** First word of SHA-256 over the plan, its identity word taken as zero, and the constants. */
export function planIdentity(plan: Uint8Array, constants: Uint8Array): number {
  const blank = Uint8Array.from(plan);
  blank.fill(0, PlanField.Identity * 4, PlanField.Identity * 4 + 4);
  const digest = sha256(blank, constants);
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0, true);
}
