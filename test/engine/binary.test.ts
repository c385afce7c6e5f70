import { readFileSync } from "node:fs";
import t from "tap";
import { BUILDS, type Build } from "../../host/engine/builds.js";
import { packageRoot } from "../../host/root.js";
import { F32, F64, PREFIX_BULK, PREFIX_SIMD, readWasm, V128, type WasmBinary } from "./wasm-binary.js";

const START_SECTION = 8, DATA_SECTION = 11;
const MEMORY_GROW = 0x40;
/** 0xC0..0xC4: i32.extend8_s and its kin, which came after the first version of WebAssembly. */
const SIGN_EXTENSION = { first: 0xc0, last: 0xc4 };

/** Codes from..to, both included, that work on floating-point numbers. */
const FLOAT: readonly (readonly [prefix: number, from: number, to: number])[] = [
  [0, 0x2a, 0x2b], [0, 0x38, 0x39], [0, 0x43, 0x44], [0, 0x5b, 0x66], [0, 0x8b, 0xa6], [0, 0xa8, 0xab], [0, 0xae, 0xbf],
  [PREFIX_BULK, 0, 7],
  [PREFIX_SIMD, 0x13, 0x14], [PREFIX_SIMD, 0x1f, 0x22], [PREFIX_SIMD, 0x41, 0x4c], [PREFIX_SIMD, 0x5e, 0x5f], [PREFIX_SIMD, 0x67, 0x6a],
  [PREFIX_SIMD, 0x74, 0x75], [PREFIX_SIMD, 0x7a, 0x7a], [PREFIX_SIMD, 0x94, 0x94], [PREFIX_SIMD, 0xe0, 0xff],
  [PREFIX_SIMD, 0x101, 0x108], [PREFIX_SIMD, 0x10d, 0x110],
];
const RELAXED = { first: 0x100, last: 0x113 };

const EXPORTS = [
  "addEvents", "addTimedEvents", "base", "beginWindow", "checkState", "choose", "clearFrame", "eventsOutside", "fault", "frameSaturations", "isFused",
  "load", "prepare", "profile", "reset", "runOps", "runSlices", "selfCheck", "setCrossover", "step", "version", "workspaceBytes",
];

function floats({ opcodes, valueTypes }: WasmBinary): string[] {
  const named = [...opcodes].filter((opcode) => FLOAT.some(([prefix, from, to]) => {
    const code = opcode - prefix * 2 ** 16;
    return code >= from && code <= to;
  }));
  const types = [F32, F64].filter((type) => valueTypes.has(type));
  return [...named, ...types].map((code) => `0x${code.toString(16)}`);
}

function prefixed({ opcodes }: WasmBinary, prefix: number): number[] {
  return [...opcodes].filter((opcode) => Math.floor(opcode / 2 ** 16) === prefix).map((opcode) => opcode % 2 ** 16);
}

function read(build: Build): WasmBinary {
  return readWasm(readFileSync(new URL(`build/engine/engine-${build}.wasm`, packageRoot)));
}

for (const build of BUILDS) {
  t.test(`${build}: integers only, its memory from outside, nothing else`, async (t) => {
    const binary = read(build);
    t.ok(binary.functions > 20, `${binary.functions} functions read`);
    t.same(floats(binary), [], "no floating-point instruction or type");
    t.same(binary.imports, ["memory env.memory"]);
    t.notOk(binary.opcodes.has(MEMORY_GROW), "memory never grows");
    t.notOk(binary.sections.has(START_SECTION), "nothing runs before it is called");
    t.same([...binary.exports].sort(), EXPORTS);
  });
}

t.test("scalar: the first version of WebAssembly and no more, for wasm2c and small interpreters", async (t) => {
  const binary = read("scalar");
  t.same(prefixed(binary, PREFIX_BULK), []);
  t.same(prefixed(binary, PREFIX_SIMD), []);
  t.same([...binary.opcodes].filter((opcode) => opcode >= SIGN_EXTENSION.first && opcode <= SIGN_EXTENSION.last), []);
  t.notOk(binary.valueTypes.has(V128));
});

t.test("simd has vectors but none of the relaxed ones, relaxed has both", async (t) => {
  const relaxedCodes = (build: Build): number =>
    prefixed(read(build), PREFIX_SIMD).filter((code) => code >= RELAXED.first && code <= RELAXED.last).length;
  t.ok(prefixed(read("simd"), PREFIX_SIMD).length > 0);
  t.equal(relaxedCodes("simd"), 0);
  t.ok(relaxedCodes("relaxed") > 0);
});

t.test("decoders: their memory from outside and never more of it, nothing else; times are floats, so they are no part of the engine", async (t) => {
  const binary = readWasm(readFileSync(new URL("build/decoders/decoders.wasm", packageRoot)));
  t.same(binary.imports, ["memory env.memory"]);
  t.notOk(binary.opcodes.has(MEMORY_GROW), "memory never grows");
  t.notOk(binary.sections.has(START_SECTION), "nothing runs before it is called");
  t.notOk(binary.sections.has(DATA_SECTION), "all memory is what assembly/decoders/abi.ts lays out");
  t.same([...binary.exports].sort(), ["begin", "count", "evt2", "evt21", "evt21Legacy", "evt3", "evt4", "understood"]);
  t.ok(prefixed(binary, PREFIX_SIMD).length > 0);
  t.same(prefixed(binary, PREFIX_SIMD).filter((code) => code >= RELAXED.first && code <= RELAXED.last), []);
  t.ok(floats(binary).length > 0, "and the rule for engines would see it");
});

t.test("the reader finds what is forbidden", async (t) => {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const type = [1, 5, 1, 0x60, 0, 1, 0x7f];
  const body = (code: readonly number[], locals: readonly number[] = [0]): Uint8Array => {
    const content = [...locals, ...code, 0x0b];
    return Uint8Array.from([...header, ...type, 3, 2, 1, 0, 10, content.length + 2, 1, content.length, ...content]);
  };
  const found = (code: readonly number[], locals?: readonly number[]): string[] => {
    const bytes = body(code, locals);
    t.ok(WebAssembly.validate(bytes), "a valid module");
    return floats(readWasm(bytes));
  };
  t.same(found([0x41, 0x07]), []);
  t.same(found([0x43, 0, 0, 0x80, 0x3f, 0xa8]), ["0x43", "0xa8"], "f32.const, i32.trunc_f32_s");
  t.same(found([0x41, 0x07], [1, 2, F64]), ["0x7c"], "an f64 local");
  t.same(found([0x43, 0, 0, 0, 0, 0xfd, 0x13, 0xfd, 0x1b, 0]), ["0x43", "0xfd0013"], "f32x4.splat");
  t.throws(() => readWasm(body([0x41, 0x07]).subarray(0, -1)), "a module cut short");
});
