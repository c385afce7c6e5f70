import { readFileSync } from "node:fs";
import t from "tap";
import { LD_MODELS } from "../../host/decoders/points/ld06.js";
import { FORMAT_NAMES } from "../../host/decoders/formats.js";
import { POINT_FORMATS } from "../../host/decoders/points/formats.js";
import { ALIASES, factsOf, FORMAT_FACTS } from "../../host/config/format-facts.js";
import { CONFIG_SCHEMA, schemaText, type SchemaNode } from "../../host/config/schema.js";
import { validate } from "../../host/config/validate.js";
import { Problems } from "../../host/config/problem.js";
import { packageRoot } from "../../host/root.js";

/** Every part of the schema, with its path. */
function* parts(node: SchemaNode, path: string): Generator<readonly [string, SchemaNode]> {
  yield [path, node];
  for (const [key, part] of Object.entries(node.properties ?? {})) yield* parts(part, `${path}.${key}`);
  if (typeof node.additionalProperties === "object") yield* parts(node.additionalProperties, `${path}.*`);
  if (node.items !== undefined) yield* parts(node.items, `${path}[]`);
}

const ALL = [...parts(CONFIG_SCHEMA as SchemaNode, "")];

t.test("docs/config.schema.json is what `saccade config schema` prints", async (t) => {
  t.equal(readFileSync(new URL("docs/config.schema.json", packageRoot), "utf8"), schemaText());
});

t.test("the schema is closed and says what everything is", async (t) => {
  t.ok(ALL.length > 40, `${ALL.length} parts`);
  t.same(ALL.filter(([, { properties, additionalProperties }]) => properties !== undefined && additionalProperties === undefined), []);
  t.same(ALL.filter(([path, { description }]) => !path.endsWith("[]") && description === undefined).map(([path]) => path), []);
  t.same(ALL.filter(([, { type, enum: words }]) => type === undefined && words === undefined).map(([path]) => path), []);
});

t.test("examples and defaults keep to it", async (t) => {
  const problemsOf = (value: unknown): unknown => {
    const problems = new Problems(() => ({ line: 1, column: 1 }));
    validate(structuredClone(value), problems);
    return problems.errors;
  };
  for (const [path, { examples = [], default: usual }] of ALL)
    for (const value of [...examples, ...(usual === undefined ? [] : [usual])])
      t.same(problemsOf(fileWith(path.split(".").slice(1), value)), [], `${path}: ${JSON.stringify(value)}`);
});

/** A whole file that has the value at a place of the schema. */
function fileWith(path: readonly string[], value: unknown): unknown {
  const put = (into: unknown, [key, ...rest]: readonly string[], above: string): unknown => {
    if (key === undefined) return value;
    const inside = (into ?? NEEDED[above] ?? {}) as Record<string, unknown>;
    const named = key === "*" ? "x" : key;
    return { ...inside, [named]: put(inside[named], rest, `${above}/${key}`) };
  };
  const isInput = path[0] === "sources" && ["serial", "udp", "mqtt"].includes(path[2] ?? "");
  return put({ gateway: "g", sources: { x: isInput ? {} : { file: { path: "x" } } } }, path, "");
}

/** What a part has to hold besides. */
const NEEDED: Readonly<Record<string, unknown>> = {
  "/mqtt": { url: "mqtt://h" },
  "/models/*": { package: "p" },
  "/sources/*/serial": { port: "/dev/x" },
  "/sources/*/udp": { port: 1 },
};

t.test("every format can be named, and facts agree with the decoders", async (t) => {
  for (const name of [...FORMAT_NAMES, ...POINT_FORMATS.map((format) => format.name), "spif", "auto", ...Object.keys(ALIASES)]) t.ok(factsOf(name), name);
  for (const [name, { baud }] of Object.entries(LD_MODELS)) t.equal(factsOf(name)?.baudRate, baud);
  t.equal(factsOf("ld19")?.baudRate, 230_400);
  for (const { name, transport } of POINT_FORMATS) t.ok(factsOf(name)?.inputs.includes(transport), `${name} by ${transport}`);
  t.same([...FORMAT_FACTS.keys()].filter((name) => name in ALIASES), []);
});
