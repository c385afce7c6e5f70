import t from "tap";
import { importsOf, objection, resolved, rowOf } from "./import-table.js";
import { sources, textOf } from "./tree.js";

const files = sources("assembly", "host", "models", "firmware-bridge", "bench");
const PACKAGE = JSON.parse(textOf("package.json")) as { dependencies: Record<string, string>; devDependencies: Record<string, string> };
/** Folders whose code runs under Node and may use what it brings along. */
const ON_NODE = ["host", "models", "bench"];
/** Parts of other folders that do. */
const ALSO_ON_NODE = /^firmware-bridge\/(?:device\/|write-(?:fields|engine)\.ts$)/;

function topOf(file: string): string {
  return file.split("/")[0]!;
}

function packageOf(specifier: string): string {
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

t.test("the import table holds", async (t) => {
  t.ok(files.length > 50, `${files.length} files`);
  const objections = files.flatMap((file) => importsOf(textOf(file)).flatMap(({ specifier, typeOnly }) => {
    const target = resolved(file, specifier);
    return target === undefined ? [] : [objection(file, target, typeOnly)];
  }));
  t.same(objections.filter((reason) => reason !== undefined), []);
});

t.test("imported packages are declared, Node's own only where Node runs", async (t) => {
  const strange = files.flatMap((file) => importsOf(textOf(file)).flatMap(({ specifier, typeOnly }) => {
    if (specifier.startsWith(".")) return [];
    if (specifier.startsWith("node:")) return ON_NODE.includes(topOf(file)) || ALSO_ON_NODE.test(file) ? [] : [`${file} uses ${specifier}`];
    const name = packageOf(specifier);
    const declared = name in PACKAGE.dependencies || ((topOf(file) === "bench" || typeOnly) && name in PACKAGE.devDependencies);
    return declared && topOf(file) !== "assembly" ? [] : [`${file} uses ${specifier}`];
  }));
  t.same(strange, []);
});

t.test("no file imports itself by a detour", async (t) => {
  const known = new Set(files.map((file) => file.replace(/\.ts$/, "")));
  const next = new Map(files.map((file) => [file.replace(/\.ts$/, ""), importsOf(textOf(file))
    .filter(({ typeOnly }) => !typeOnly)
    .map(({ specifier }) => resolved(file, specifier))
    .filter((target): target is string => target !== undefined && known.has(target))]));
  t.same([...next.keys()].map((file) => cycleFrom(file, next)).filter((cycle) => cycle !== undefined), []);
});

t.test("every folder of host has a row of its own", async (t) => {
  t.same(sources("host").filter((file) => rowOf(file) === undefined), []);
});

t.test("the table is read as it is meant", async (t) => {
  t.equal(objection("host/decoders/evt2.ts", "host/types", false), undefined);
  t.match(objection("host/decoders/evt2.ts", "host/framing/windower", false), /imports host\/framing/);
  t.equal(objection("host/decoders/evt-body.ts", "assembly/decoders/abi", false), undefined);
  t.match(objection("host/decoders/evt-body.ts", "assembly/decoders/evt2", false), /imports assembly\/decoders\/evt2/);
  t.match(objection("assembly/index.ts", "assembly/decoders/abi", false), /imports assembly\/decoders/);
  t.match(objection("assembly/decoders/evt2.ts", "assembly/abi", false), /imports assembly\/abi/);
  t.match(objection("models/graph/shapes.ts", "assembly/kernels/conv2d", false), /imports assembly\/kernels/);
  t.equal(objection("models/graph/shapes.ts", "assembly/abi", false), undefined);
  t.match(objection("host/types.ts", "models/package/card", false), /more than types/);
  t.match(objection("host/unheard-of.ts", "host/types", false), /no row/);
  t.same(importsOf('import a from "./a.js";\nimport type { B } from "./b.js";\nexport * from "./c.js";\nconst d = await import("./d.js");\nnew Worker(new URL("./e.js", import.meta.url));'), [
    { specifier: "./a.js", typeOnly: false }, { specifier: "./b.js", typeOnly: true }, { specifier: "./c.js", typeOnly: false },
    { specifier: "./d.js", typeOnly: false }, { specifier: "./e.js", typeOnly: false },
  ]);
});

/** The first way from `start` back to `start`. */
function cycleFrom(start: string, next: ReadonlyMap<string, readonly string[]>): string | undefined {
  const waiting: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const file of next.get(path.at(-1)!) ?? []) {
      if (file === start) return [...path, file].join(" → ");
      if (!seen.has(file)) waiting.push([...path, file]);
      seen.add(file);
    }
  }
  return undefined;
}
