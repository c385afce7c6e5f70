import { ABI_VERSION } from "../../assembly/abi.js";
import { ModelError } from "../errors.js";
import type { Card, SelfTest } from "./card.js";
import { checkCard, checkCardFits, formatFor } from "./card-check.js";
import { encodeCbor } from "./cbor.js";
import { planMemory } from "./memory-plan.js";
import { encodePlan } from "./plan.js";
import type { Program } from "./program.js";
import { readPackage } from "./reader.js";
import { PACKAGE_FORMAT, PACKAGE_MAGIC, planIdentity, SECTIONS, sha256, type SectionName } from "./sections.js";

export interface PackageParts {
  readonly program: Program;
  readonly card: Card;
  /** JSON-able and informative; `import_report` inside it is what `saccade inspect` prints as the import report. */
  readonly graph: unknown;
  readonly selfTest: SelfTest;
}

/**
 * The package file's bytes: the same parts give the same bytes.
 * @throws ModelError PACKAGE_INVALID when the card is wrong or speaks of another network than the program, or a limit is passed
 */
export function buildPackage({ program, card, graph, selfTest }: PackageParts): Uint8Array {
  checkCardFits(checkCard(card, invalid), program, invalid);
  const names = { ops: program.ops.map(shownName), tensors: program.tensors.map(shownName) };
  const test = { frames: selfTest.frames, timesteps: selfTest.timesteps, digest: Buffer.from(selfTest.digest, "hex") };
  const bytes = packageOf({
    card: encodeCbor(card),
    plan: planOf(program),
    graph: encodeCbor({ graph, ...names }),
    tensors: program.constants,
    selftest: encodeCbor(test),
  }, undefined, formatFor(card));
  readPackage(bytes); // what we write, we can read: limits and cross-checks hold for it
  return bytes;
}

const MAX_NAME = 200;

/** Names come from other people's networks and are only shown: one line, not empty, not endless. */
function shownName({ name }: { readonly name: string }): string {
  return name.replaceAll(/[\u0000-\u001f\u007f]/g, "?").slice(0, MAX_NAME) || "?";
}

/** The plan section of a program, identity included. */
export function planOf(program: Program): Uint8Array {
  const memory = planMemory(program);
  return encodePlan(program, memory, planIdentity(encodePlan(program, memory, 0), program.constants));
}

/** A file around sections that are taken as they are; for tests and tools that take packages apart. */
export function packageOf(sections: Readonly<Record<SectionName, Uint8Array>>, signature?: Uint8Array, format = PACKAGE_FORMAT): Uint8Array {
  return encodeCbor({
    magic: PACKAGE_MAGIC,
    format,
    abi: [ABI_VERSION, ABI_VERSION],
    sections,
    sha256: Object.fromEntries(SECTIONS.map((name) => [name, sha256(sections[name])])),
    signature,
  });
}

function invalid(what: string): ModelError {
  return new ModelError("PACKAGE_INVALID", what, "correct the card that the package is built from");
}
