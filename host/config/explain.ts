import type { ErrorObject } from "ajv";
import { nearest } from "./distance.js";
import { meantDuration } from "./duration.js";
import { isMapping } from "./environment.js";
import type { Path, Problems } from "./problem.js";
import type { SchemaNode } from "./schema.js";
import { isSecret } from "./secrecy.js";

const MOST_SHOWN = 60;
/** Names listed when none is near. */
const MOST_LISTED = 40;
const INPUTS = ["serial", "udp", "mqtt", "file"];

/** What ajv found, in words, at its place. */
export function explain(errors: readonly ErrorObject[], problems: Problems): void {
  for (const error of errors) {
    // The branches of oneOf and the rule that a name breaks are said by oneOf and propertyNames themselves.
    if (/\/oneOf\/\d/.test(error.schemaPath) || error.propertyName !== undefined) continue;
    const path = error.instancePath.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    WORDS[error.keyword]?.({ error, path, problems, schema: error.parentSchema as SchemaNode });
  }
}

interface Case {
  readonly error: ErrorObject;
  readonly path: Path;
  readonly problems: Problems;
  /** The part of the schema that the value breaks. */
  readonly schema: SchemaNode;
}

/** By the keyword of the schema that is broken. */
const WORDS: Readonly<Record<string, (found: Case) => void>> = {
  additionalProperties({ error, path, problems, schema }) {
    const key = String(error.params["additionalProperty"]);
    const [what, said] = isSecret(path) ? ["unknown key", path] : [`unknown key ${shown(key)}`, [...path, key]];
    problems.add([...path, key], what, meantKey(key, schema), { key: true, said });
  },
  required({ error, path, problems, schema }) {
    const key = String(error.params["missingProperty"]);
    if (problems.has([...path, key])) return;
    problems.add(path, `missing key ${shown(key)}`, `write ${key}: ${example(schema.properties?.[key])}`, { key: true });
  },
  type({ error, path, problems, schema }) {
    const kinds = [schema.type ?? []].flat();
    const wanted = schema["x-range"] === undefined ? kinds.map((kind) => KINDS[kind] ?? kind) : ["duration"];
    const what = `${valueText(path, error.data)} is no ${wanted.join(" and no ")}`;
    problems.add(path, what, rightType(path, error.data, kinds, schema));
  },
  enum({ error, path, problems, schema }) {
    const known = (schema.enum ?? []).map(String);
    problems.add(path, `${valueText(path, error.data)} is not known here`, meantWord(typeof error.data === "string" ? error.data : "", known));
  },
  pattern({ error, path, problems, schema }) {
    const duration = schema["x-range"] === undefined ? undefined : meantDuration(error.data);
    const suggestion = duration === undefined ? `write ${schema.patternErrorMessage}` : `did you mean ${duration}?`;
    problems.add(path, `${valueText(path, error.data)} is refused`, suggestion);
  },
  minimum: outOfRange,
  maximum: outOfRange,
  "x-range": outOfRange,
  minLength({ path, problems, schema }) {
    problems.add(path, "an empty text", `write one, such as ${example(schema)}, or leave the key away`);
  },
  maxLength({ path, problems }) {
    problems.add(path, "a text that is too long", "shorten it");
  },
  maxItems({ error, path, problems }) {
    problems.add(path, `more than ${error.params["limit"]} entries`, "leave some away");
  },
  uniqueItems({ error, path, problems }) {
    const later = Math.max(Number(error.params["i"]), Number(error.params["j"]));
    problems.add([...path, String(later)], "the same as another entry", "name it once");
  },
  minProperties({ path, problems, schema }) {
    problems.add(path, "an empty mapping", `write one entry or more: ${example(schema)}`);
  },
  maxProperties({ error, path, problems }) {
    const limit = Number(error.params["limit"]);
    problems.add(path, `more than ${limit} ${limit === 1 ? "key" : "entries"}`, limit === 1 ? "keep one of them" : "leave some away");
  },
  propertyNames({ error, path, problems }) {
    const name = String(error.params["propertyName"]);
    problems.add([...path, name], `${shown(name)} is refused as a name`, `write ${ruleOfNames(error)}`, { key: true });
  },
  oneOf({ error, path, problems }) {
    // What is no mapping has been told as such.
    if (!isMapping(error.data)) return;
    const data: Record<string, unknown> = error.data;
    const present = INPUTS.filter((input) => input in data);
    if (present.length === 0)
      problems.add(path, "nothing says where the bytes come from", `write one of ${INPUTS.join(", ")}, such as serial: {port: /dev/ttyUSB0}`, { key: true });
    for (const input of present.slice(1))
      problems.add([...path, input], `a source has one input, and ${present[0]} is one`, `keep ${present[0]} or ${input}; give the other a source of its own`, { key: true });
  },
};

const KINDS: Readonly<Record<string, string>> = {
  object: "mapping of keys", array: "list", string: "text", integer: "whole number", boolean: "true or false",
};

function ruleOfNames(error: ErrorObject): string {
  return (error.schema as SchemaNode).patternErrorMessage ?? "another name";
}

function outOfRange({ error, path, problems, schema }: Case): void {
  const [least, most] = schema["x-range"] ?? [schema.minimum, schema.maximum];
  problems.add(path, `${valueText(path, error.data)} is out of range`, `write ${least} to ${most}`);
}

function rightType(path: Path, value: unknown, kinds: readonly string[], schema: SchemaNode): string {
  if (schema["x-range"] !== undefined && typeof value === "number") return `add a unit: ${value}ms or ${value}s`;
  if (kinds.includes("string") && (typeof value === "number" || typeof value === "boolean"))
    return isSecret(path) ? "put it in quotes" : `put it in quotes: "${value}"`;
  if (kinds.includes("boolean") && typeof value === "string" && /^(on|yes|y|off|no|n)$/i.test(value))
    return `write ${/^(on|y)/i.test(value)}`;
  const number = kinds.includes("integer") && typeof value === "string" ? plainNumber(value) : undefined;
  if (number !== undefined) return `write ${number}`;
  if (kinds.includes("array") && typeof value === "string" && !isSecret(path)) return `write [${value.slice(0, MOST_SHOWN)}]`;
  if (value === null && kinds.includes("object") && schema.required === undefined) return "write {} for its defaults, or leave the key away";
  return `write ${example(schema)}`;
}

/** "230_400", "230,400" and "230400" are 230400; "1M" and "12 Mbaud" are clear too. */
function plainNumber(text: string): number | undefined {
  const [, digits, scale] = /^\s*([0-9][0-9_,' ]*)\s*([kM]?)(?:baud|bd|bps)?\s*$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits.replaceAll(/[_,' ]/g, "")) * (scale === "M" ? 1e6 : scale === "k" ? 1e3 : 1);
}

function meantKey(key: string, schema: SchemaNode): string {
  const known = Object.keys(schema.properties ?? {});
  const near = nearest(key, known);
  if (near !== undefined) return `did you mean ${near}?`;
  const inside = Object.entries(schema.properties ?? {}).find(([, part]) => nearest(key, Object.keys(part.properties ?? {})) !== undefined);
  if (inside !== undefined) return `write it below ${inside[0]}`;
  return `known here: ${known.join(", ")}`;
}

function meantWord(word: string, known: readonly string[]): string {
  const family = word.length > 1 ? known.filter((name) => name.startsWith(`${word.toLowerCase()}-`)) : [];
  if (family.length > 0) return `write one of ${family.join(", ")}`;
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean ${near}?`;
  return `write one of ${known.slice(0, MOST_LISTED).join(", ")}${known.length > MOST_LISTED ? ", …" : ""}`;
}

function example(schema: SchemaNode | undefined): string {
  const shown = schema?.examples?.[0] ?? schema?.default ?? schema?.enum?.[0];
  if (shown !== undefined) return flow(shown);
  if (schema?.properties === undefined) return "one";
  const wanted = schema.required ?? Object.keys(schema.properties).slice(0, 1);
  return `{${wanted.map((key) => `${key}: ${example(schema.properties![key])}`).join(", ")}}`;
}

/** As it stands in YAML, in brackets. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value).map(([key, inner]) => `${key}: ${flow(inner)}`).join(", ")}}`;
}

/** The value for people, or what kind of value it is where it may hold a secret. */
function valueText(path: Path, value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  // A text where keys are wanted (mqtt: mqtt://user:password@host) is none of ours to show.
  const hidden = isSecret(path) || path.length === 0 || path.join(".") === "mqtt" || (typeof value === "string" && value.includes("@"));
  if (!hidden) return shown(value);
  return typeof value === "string" ? "this text" : typeof value === "number" ? "this number" : "this";
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
