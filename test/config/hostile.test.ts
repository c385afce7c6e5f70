import fc from "fast-check";
import t from "tap";
import { isMap, isSeq, parseDocument } from "yaml";
import { MAX_BYTES } from "../../host/config/yaml.js";
import { seeds } from "../seeds.js";
import { check } from "./files.js";

const GOOD = `gateway: pi-lab
mqtt: {url: "mqtt://localhost:1883", username: u, password: hunter2, expiry: 24h}
models: {digits: nmnist, more: {package: nmnist, workers: 2}}
sources:
  cam0:
    serial: {port: usb:0403:6014, baud: 12000000, rtscts: true}
    format: edvs-e2
    models: [digits, more]
    denoise: {background-activity: 5ms, refractory: 1ms, hot-pixels: 2000}
  lidar0: {serial: {port: /dev/ttyUSB0}, format: ld19}
  lidar1: {udp: {port: 2368, from: 192.168.1.201}, format: velodyne}
  cam1: {mqtt: {}, stall-after: never}
`;
/** Generous: others run on this machine too. Without bounds the worst of these take minutes, or all memory. */
const PATIENCE_MILLIS = 10_000;

t.test("the good file is good", async (t) => {
  t.same(check(GOOD).errors, []);
});

/** Either a configuration or at least one error, never a throw. */
function holds(text: string | Uint8Array): boolean {
  const { config, errors } = check(text);
  const told = errors.every(({ line, column, message, suggestion }) => line! >= 1 && column! >= 1 && message !== "" && suggestion !== "");
  return (config === undefined) === errors.length > 0 && told;
}

const ODD: readonly unknown[] = [null, true, 0, -1, 1.5, 1e30, Number.NaN, "", " ", "*", "a b", "__proto__", [], [[]], {}, { a: 1 }, "x".repeat(5000)];
const KEYS = ["serial", "udp", "mqtt", "file", "models", "__proto__", "constructor", "toString", "", "0", "a/b", "~1", "port", "password", "env", "size"];

for (const seed of seeds()) {
  t.test(`any text gives a configuration or its errors (seed ${seed})`, async () => {
    const yamlish = fc.string({ unit: fc.constantFrom(..."abc:0 \n-[]{}&*!|>'\"%@#,?~\t\\/<é"), maxLength: 60 });
    fc.assert(fc.property(fc.oneof(yamlish, fc.string({ unit: "binary" })), holds), { seed, numRuns: 150 });
    fc.assert(fc.property(fc.uint8Array(), holds), { seed, numRuns: 100 });
  });

  t.test(`any cut, swap or insertion in a good file does (seed ${seed})`, async () => {
    const places = fc.nat(GOOD.length);
    const spliced = fc.tuple(places, fc.nat(12), fc.oneof(fc.constant(""), fc.string({ maxLength: 4 }), places.map((at) => GOOD.slice(at, at + 12))))
      .map(([at, length, text]) => GOOD.slice(0, at) + text + GOOD.slice(at + length));
    fc.assert(fc.property(spliced, holds), { seed, numRuns: 150 });
  });

  t.test(`any other value or key at any place does, and no secret is told (seed ${seed})`, async () => {
    fc.assert(fc.property(fc.nat(), fc.constantFrom(...ODD), fc.constantFrom(...KEYS), fc.constantFrom("value", "key", "more", "less"), (place, odd, key, how) => {
      const text = mutated(place, odd, key, how);
      const { errors, warnings } = check(text);
      return holds(text) && !JSON.stringify([errors, warnings]).includes("hunter2");
    }), { seed, numRuns: 250 });
  });
}

/** The good file with one of its pairs changed. */
function mutated(place: number, odd: unknown, key: string, how: string): string {
  const document = parseDocument(GOOD);
  const paths: (readonly unknown[])[] = [];
  const walk = (node: unknown, path: readonly unknown[]): void => {
    if (path.length > 0) paths.push(path);
    if (isMap(node)) for (const pair of node.items) walk(pair.value, [...path, (pair.key as { value: unknown }).value]);
    if (isSeq(node)) node.items.forEach((item, i) => walk(item, [...path, i]));
  };
  walk(document.contents, []);
  const path = paths[place % paths.length]!;
  if (how === "value") document.setIn(path, odd);
  if (how === "less") document.deleteIn(path);
  if (how === "more" && isMap(document.getIn(path))) document.setIn([...path, key], odd);
  if (how === "key" && !isSeq(document.getIn(path.slice(0, -1)))) {
    const value = document.getIn(path, true);
    document.deleteIn(path);
    document.setIn([...path.slice(0, -1), key], value);
  }
  return document.toString();
}

const filled = (text: string): string => text.repeat(Math.floor(MAX_BYTES / text.length));
const BOMB = `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g", "h"].map((name, i) => {
  const before = String.fromCharCode("a".charCodeAt(0) + i);
  return `${name}: &${name} [${`*${before},`.repeat(9)}]\n`;
}).join("")}`;

const HEAVY: Readonly<Record<string, string>> = {
  "brackets in brackets": filled("["),
  "braces in braces": filled("{a: "),
  "lists in lists": filled("- "),
  "keys of keys": filled("? "),
  "ever deeper lines": Array.from({ length: 700 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
  "a bomb of aliases": BOMB,
  "a ring of aliases": "gateway: &a [*a]\nsources: &b {x: *b}\n",
  "many aliases": `a: &a 1\nb:\n${" - *a\n".repeat(30_000)}`,
  "many anchors": Array.from({ length: 15_000 }, (_, i) => `k${i}: &a${i} 1\n`).join(""),
  "many keys": Array.from({ length: 25_000 }, (_, i) => `k${i}: 1\n`).join(""),
  "many sources": `gateway: g\nsources:\n${Array.from({ length: 1800 }, (_, i) => ` s${i}: {udp: {port: 1}}\n`).join("")}`,
  "many errors": filled("a: }\n"),
  "empty braces": filled("{}"),
  "many commas": `[${filled(",")}`,
  "many tags": filled("!a "),
  "many documents": filled("---\n"),
  "many colons": filled(": "),
  "many lines of nothing": filled("\n"),
  "a long text": `gateway: ${"x".repeat(MAX_BYTES - 100)}`,
  "a long key": `${"x".repeat(MAX_BYTES - 100)}: 1`,
  "an open quote": `gateway: "${filled("\\\n").slice(0, -20)}`,
};

for (const [name, text] of Object.entries(HEAVY))
  t.test(`refused in bounded time: ${name}`, async (t) => {
    const began = performance.now();
    t.ok(holds(text));
    t.equal(check(text).config, undefined);
    const millis = Math.round((performance.now() - began) / 2);
    t.ok(millis < PATIENCE_MILLIS, `${millis} ms`);
  });
