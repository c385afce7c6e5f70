import { ABI_VERSION, DType } from "../../assembly/abi.js";
import { ModelError } from "../errors.js";
import type { Card, LoadedPackage, SelfTest } from "./card.js";
import { checkCard, checkCardFits, formatFor } from "./card-check.js";
import { decodeCbor, encodeCbor, type CborValue } from "./cbor.js";
import { compareBytes } from "./cbor-check.js";
import { Fields } from "./fields.js";
import { MAX_STATE_BYTES, tensorBytes } from "./lowering/builder.js";
import { decodePlan, MAX_PLAN_BYTES, type PlanView } from "./plan.js";
import type { ProgramTensor } from "./program.js";
import { PACKAGE_FORMAT, PACKAGE_MAGIC, planIdentity, SECTIONS, sha256, type SectionName } from "./sections.js";

export const MAX_PACKAGE_BYTES = 64 * 1024 * 1024;
export const MAX_ARENA_BYTES = 512 * 1024 * 1024;
const MAX_FORMAT = 65535;
const MAX_SIGNATURE_BYTES = 4096;
const MAX_SELF_TEST_TIMESTEPS = 65536;
const MAX_SECTION_BYTES: Readonly<Record<SectionName, number>> = {
  card: 16 * 1024 * 1024,
  plan: MAX_PLAN_BYTES,
  graph: 16 * 1024 * 1024,
  tensors: MAX_PACKAGE_BYTES,
  selftest: 16 * 1024 * 1024,
};
const FILE_LIMITS = { depth: 2, items: 64 };
const CARD_LIMITS = { depth: 4, items: 200_000 };
const GRAPH_LIMITS = { depth: 32, items: 1_000_000 };
const SELF_TEST_LIMITS = { depth: 1, items: 7 };
const SHA256_BYTES = 32;
const MAX_NODE_NAME = 200;
/** A map head, "abi" and two integers come first, at most this long with the magic. */
const MAGIC_WITHIN = 32;
const MAGIC_MEMBER = Buffer.concat([encodeCbor("magic"), encodeCbor(PACKAGE_MAGIC)]);

/** A package as read, with what only people and tools look at. */
export interface PackageFile extends LoadedPackage {
  readonly view: PlanView;
  /** Names of ops and tensors, in the plan's order. */
  readonly names: { readonly ops: readonly string[]; readonly tensors: readonly string[] };
  /** COSE_Sign1, not checked here; undefined when the package is not signed. */
  readonly signature: Uint8Array | undefined;
}

/**
 * Reads and checks a package file: structure, limits, hashes, card, plan header, self-test shape.
 * The plan's ops are left to the engine's gate.
 * @throws ModelError PACKAGE_CORRUPT (not a package, or bytes changed on the way), PACKAGE_VERSION, PACKAGE_INVALID (intact, but wrong)
 */
export function readPackage(bytes: Uint8Array): PackageFile {
  const { format, sections, signature } = openFile(bytes);
  const view = decodePlan(sections.plan);
  checkPlan(view, sections);
  const card: Card = checkCard(decoded("section card", sections.card, CARD_LIMITS), invalid);
  if (formatFor(card) > format) throw invalid(`the card says what format ${format} cannot`);
  checkCardFits(card, view.program, invalid);
  const { graph, names } = readGraph(sections.graph, view);
  return {
    card,
    graph,
    names,
    plan: sections.plan,
    constants: sections.tensors,
    selfTest: readSelfTest(sections.selftest, view.program.tensors[view.program.input]!),
    digest: Buffer.from(sha256(bytes)).toString("hex"),
    view,
    signature,
  };
}

interface OpenFile {
  readonly format: number;
  readonly sections: Record<SectionName, Uint8Array>;
  readonly signature: Uint8Array | undefined;
}

function openFile(bytes: Uint8Array): OpenFile {
  if (bytes.byteLength > MAX_PACKAGE_BYTES)
    throw corrupt(`the file has ${bytes.byteLength} bytes, and a package at most ${MAX_PACKAGE_BYTES}`);
  if (!begins(bytes)) throw corrupt("the file is no Saccade package");
  const file = new Fields("the file", decoded("file", bytes, FILE_LIMITS), corrupt);
  if (file.any("magic") !== PACKAGE_MAGIC) throw corrupt("the file is no Saccade package");
  const format = file.int("format", 1, MAX_FORMAT);
  if (format > PACKAGE_FORMAT)
    throw new ModelError("PACKAGE_VERSION", `the package has format ${format}; this version reads up to ${PACKAGE_FORMAT}`, "update Saccade");
  checkAbi(file.list("abi", 2, 2));
  const hashes = file.record("sha256");
  const held = file.record("sections");
  const sections = Object.fromEntries(SECTIONS.map((name) => {
    const section = held.bytes(name, 1, MAX_SECTION_BYTES[name]);
    if (compareBytes(hashes.bytes(name, SHA256_BYTES, SHA256_BYTES), sha256(section)) !== 0)
      throw corrupt(`the section ${name} does not match its SHA-256`);
    return [name, section];
  })) as Record<SectionName, Uint8Array>;
  const signature = file.has("signature") ? file.bytes("signature", 1, MAX_SIGNATURE_BYTES) : undefined;
  for (const fields of [held, hashes, file]) fields.end();
  return { format, sections, signature };
}

/** Whether the magic word stands where every format has it: right behind the ABI range. */
function begins(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, MAGIC_WITHIN)).includes(MAGIC_MEMBER);
}

function checkAbi([low, high]: readonly unknown[]): void {
  if (!Number.isInteger(low) || !Number.isInteger(high) || (low as number) > (high as number))
    throw corrupt("the package's ABI range is none");
  if (ABI_VERSION < (low as number))
    throw new ModelError("PACKAGE_VERSION", `the package needs engine ABI ${low}; this is ${ABI_VERSION}`, "update Saccade");
  if (ABI_VERSION > (high as number))
    throw new ModelError("PACKAGE_VERSION", `the package is made for engine ABI ${high}; this is ${ABI_VERSION}`,
      "import the network again");
}

function checkPlan(view: PlanView, sections: Readonly<Record<SectionName, Uint8Array>>): void {
  const { memory, program, constantsBytes } = view;
  if (constantsBytes !== sections.tensors.byteLength)
    throw invalid(`the plan expects ${constantsBytes} bytes of constants and the package holds ${sections.tensors.byteLength}`);
  if (memory.arenaBytes > MAX_ARENA_BYTES) throw invalid(`the plan wants an arena of ${memory.arenaBytes} bytes, above ${MAX_ARENA_BYTES}`);
  if (program.stateBytes > MAX_STATE_BYTES) throw invalid(`the plan wants ${program.stateBytes} bytes of state, above ${MAX_STATE_BYTES}`);
  if (view.identity !== planIdentity(sections.plan, sections.tensors)) throw invalid("the plan's identity is not that of its bytes");
}

function readGraph(section: Uint8Array, view: PlanView): Pick<PackageFile, "graph" | "names"> {
  const fields = new Fields("graph", decoded("section graph", section, GRAPH_LIMITS), invalid);
  const { ops, tensors } = view.program;
  const names = {
    ops: fields.texts("ops", ops.length, ops.length, MAX_NODE_NAME),
    tensors: fields.texts("tensors", tensors.length, tensors.length, MAX_NODE_NAME),
  };
  const graph = fields.any("graph");
  fields.end();
  return { graph, names };
}

function readSelfTest(section: Uint8Array, input: ProgramTensor): SelfTest {
  const fields = new Fields("selftest", decoded("section selftest", section, SELF_TEST_LIMITS), invalid);
  const timesteps = fields.int("timesteps", 1, MAX_SELF_TEST_TIMESTEPS);
  const frames = fields.bytes("frames", timesteps * tensorBytes(input), timesteps * tensorBytes(input));
  const digest = fields.bytes("digest", SHA256_BYTES, SHA256_BYTES);
  fields.end();
  checkFrames(frames, input);
  return { frames, timesteps, digest: Buffer.from(digest).toString("hex") };
}

/** The engine's ranges are proven for inputs within the tensor's bound; the self-test may not leave it. */
function checkFrames(frames: Uint8Array, { dtype, bound }: ProgramTensor): void {
  if (dtype !== DType.U8 && dtype !== DType.I8) throw invalid("the network's input is neither u8 nor i8");
  const values = dtype === DType.U8 ? frames : new Int8Array(frames.buffer, frames.byteOffset, frames.byteLength);
  if (values.some((value: number) => Math.abs(value) > bound)) throw invalid(`a self-test frame holds a value beyond ${bound}`);
}

function decoded(what: string, bytes: Uint8Array, limits: { depth: number; items: number }): CborValue {
  try {
    return decodeCbor(bytes, limits);
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause);
    throw corrupt(`the ${what} is malformed: ${fault}`, cause);
  }
}

function corrupt(what: string, cause?: unknown): ModelError {
  return new ModelError("PACKAGE_CORRUPT", what, "fetch or copy the package again", cause === undefined ? undefined : { cause });
}

function invalid(what: string): ModelError {
  return new ModelError("PACKAGE_INVALID", what, "import the network again, or ask whoever made the package");
}
