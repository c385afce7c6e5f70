import fc from "fast-check";
import { PlanField } from "../../assembly/abi.js";
import { decodeCbor, encodeCbor, type CborValue } from "../../models/package/cbor.js";
import { planIdentity, SECTIONS, type SectionName } from "../../models/package/sections.js";
import { packageOf } from "../../models/package/writer.js";

export interface Mutated {
  /** What was done to the package. */
  readonly what: string;
  readonly bytes: Uint8Array;
}

type Sections = Record<SectionName, Uint8Array>;

const LIMITS = { depth: 32, items: 1_000_000 };
/** Words that have surprised loaders before. */
const WORDS = [0, 1, 2, 3, 7, 8, 15, 16, 31, 62, 63, 64, 255, 256, 65535, 65536, 65537, 2 ** 24, 2 ** 28, 2 ** 31 - 1, 2 ** 31,
  2 ** 32 - 16, 2 ** 32 - 1];

/**
 * Packages made from an intact one: torn, bit-flipped and spliced files, and files whose hashes and identity are right
 * but whose card, plan, constants, self-test or graph is nonsense.
 */
export function mutatedPackages(intact: Uint8Array): fc.Arbitrary<Mutated> {
  const sections = sectionsOf(intact);
  return fc.oneof(
    { weight: 2, arbitrary: torn(intact) },
    { weight: 2, arbitrary: flipped(intact) },
    { weight: 2, arbitrary: spliced(intact) },
    { weight: 6, arbitrary: planWords(sections) },
    { weight: 2, arbitrary: constantBytes(sections) },
    { weight: 1, arbitrary: rehashedBytes(sections) },
    { weight: 3, arbitrary: members(sections, "card") },
    { weight: 2, arbitrary: members(sections, "selftest") },
    { weight: 1, arbitrary: members(sections, "graph") },
    { weight: 1, arbitrary: topLevel(intact) },
  );
}

/** The sections of an intact package. */
export function sectionsOf(intact: Uint8Array): Sections {
  return (decodeCbor(intact, LIMITS) as unknown as { sections: Sections }).sections;
}

/** A package around changed sections: hashes right, the plan's identity too. */
export function resealed(sections: Sections): Uint8Array {
  if (sections.plan.length < (PlanField.Identity + 1) * 4) return packageOf(sections);
  const plan = sections.plan.slice();
  new DataView(plan.buffer).setUint32(PlanField.Identity * 4, planIdentity(plan, sections.tensors), true);
  return packageOf({ ...sections, plan });
}

function torn(intact: Uint8Array): fc.Arbitrary<Mutated> {
  return fc.nat(intact.length - 1).map((length) => ({ what: `torn at ${length}`, bytes: intact.slice(0, length) }));
}

function flipped(intact: Uint8Array): fc.Arbitrary<Mutated> {
  return fc.array(fc.nat(intact.length * 8 - 1), { minLength: 1, maxLength: 8 }).map((bits) => {
    const bytes = intact.slice();
    for (const bit of bits) bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
    return { what: `bits ${bits.join()} flipped`, bytes };
  });
}

/** A run of bytes copied, moved or cut out. */
function spliced(intact: Uint8Array): fc.Arbitrary<Mutated> {
  const place = fc.nat(intact.length);
  return fc.tuple(place, fc.nat(64), place, fc.nat(64)).map(([from, length, to, over]) => ({
    what: `bytes ${from}+${length} put at ${to} over ${over}`,
    bytes: Uint8Array.from([...intact.subarray(0, to), ...intact.subarray(from, from + length), ...intact.subarray(to + over)]),
  }));
}

function planWords(sections: Sections): fc.Arbitrary<Mutated> {
  const value = fc.oneof(fc.constantFrom(...WORDS), fc.nat(200), fc.nat(2 ** 32 - 1));
  const change = fc.record({ at: fc.nat(sections.plan.length / 4 - 1), value });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const plan = sections.plan.slice();
    for (const { at, value } of changes) new DataView(plan.buffer).setUint32(at * 4, value, true);
    return { what: `plan words ${changes.map(({ at, value }) => `${at} = ${value}`).join()}`, bytes: resealed({ ...sections, plan }) };
  });
}

function constantBytes(sections: Sections): fc.Arbitrary<Mutated> {
  const { tensors } = sections;
  return fc.oneof(
    fc.tuple(fc.nat(tensors.length - 1), fc.constantFrom(0, 127, 128, 255)).map(([at, value]) => {
      const changed = tensors.slice();
      changed[at] = value;
      return { what: `constant byte ${at} = ${value}`, bytes: resealed({ ...sections, tensors: changed }) };
    }),
    fc.nat(tensors.length - 1).map((length) => {
      const cut = tensors.slice(0, Math.max(1, length));
      const plan = sections.plan.slice();
      new DataView(plan.buffer).setUint32(PlanField.ConstantsBytes * 4, cut.length, true);
      return { what: `constants cut to ${cut.length}`, bytes: resealed({ ...sections, plan, tensors: cut }) };
    }),
  );
}

/** Any bytes of any section changed, the hashes right. */
function rehashedBytes(sections: Sections): fc.Arbitrary<Mutated> {
  return fc.tuple(fc.constantFrom(...SECTIONS), fc.nat(), fc.nat(255), fc.nat(3)).map(([name, at, value, cut]) => {
    const section = sections[name].slice(0, sections[name].length - cut);
    section[at % section.length] = value;
    const what = `section ${name}: byte ${at % section.length} = ${value}, ${cut} cut`;
    return { what, bytes: resealed({ ...sections, [name]: section }) };
  });
}

/** One member anywhere in a section's CBOR replaced by nonsense, dropped, or joined by another. */
function members(sections: Sections, name: "card" | "selftest" | "graph"): fc.Arbitrary<Mutated> {
  const value = decodeCbor(sections[name], LIMITS);
  const paths = pathsOf(value);
  const nonsense = fc.oneof(
    fc.constantFrom<CborValue>(null, true, -1, 0, 1, 1.5, 2 ** 31, 2 ** 40, "", "x", "\u0000", "\ud83d\ude00", "9".repeat(5000), [], {},
      new Uint8Array(3)),
    fc.integer(), fc.string({ maxLength: 9 }),
  );
  return fc.tuple(fc.nat(paths.length - 1), nonsense, fc.constantFrom("replace", "drop", "join")).map(([at, put, how]) => {
    const path = paths[at]!;
    const changed = changedAt(value, path, put, how);
    return { what: `${name} ${how} ${path.join(".")}`, bytes: resealed({ ...sections, [name]: encodeCbor(changed) }) };
  });
}

function topLevel(intact: Uint8Array): fc.Arbitrary<Mutated> {
  const file = decodeCbor(intact, LIMITS) as { readonly [key: string]: CborValue };
  const change = fc.constantFrom<readonly [key: string, value: CborValue | undefined]>(
    ["magic", "saccades"], ["magic", 1], ["format", 0], ["format", 2], ["format", "1"], ["abi", [0, 0]], ["abi", [2, 9]], ["abi", [1]],
    ["abi", [3, 1]],
    ["extra", 1], ["sha256", {}], ["sections", {}], ["signature", "x"], ["signature", new Uint8Array(9)], ["magic", undefined],
    ["sections", undefined],
    ["sha256", undefined], ["abi", undefined], ["format", undefined],
  );
  return change.map(([key, value]) => ({ what: `file.${key} = ${String(value)}`, bytes: encodeCbor({ ...file, [key]: value }) }));
}

function pathsOf(value: CborValue): string[][] {
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, member]) => pathsOf(member as CborValue).map((path) => [key, ...path]))];
}

function changedAt(value: CborValue, path: readonly string[], put: CborValue, how: string): CborValue {
  const [key, ...rest] = path;
  if (key === undefined) {
    const record = value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
    return how === "join" && record ? { ...value, extra: put } : put;
  }
  if (Array.isArray(value)) return value.map((member: CborValue, i) => (String(i) === key ? changedAt(member, rest, put, how) : member));
  const record = value as { readonly [key: string]: CborValue };
  if (how === "drop" && rest.length === 0) return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
  return { ...record, [key]: changedAt(record[key]!, rest, put, how) };
}
