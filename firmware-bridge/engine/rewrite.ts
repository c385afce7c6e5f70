/** What wasm2c calls the module; its exports are Z_<module>Z_<name>. */
export const MODULE = "saccade";

const INSTANCE = `Z_${MODULE}_instance_t*`;
/** Where wasm2c's prologue ends, and where the parts begin that only its own runtime needs. */
const PROLOGUE_END = "static bool s_module_initialized";
const RUNTIME_PARTS = "static void init_instance_import(";
const GLOBALS = /^static void init_globals\([^)]*\) \{\n((?: {2}.*\n)*)\}\n/m;
const GLOBAL = /^ {2}instance->(\w+) = (.*);$/;
const FUNC_TYPES = /^static u32 func_types\[[\s\S]*?^\}\n/m;
/** A function of executor/load.ts, gate.ts or gate-*.ts. */
const GATE = /^static \w+ executor_(?:load|gate)_/;
const FUNCTION = /^static (?:void|u32|u64) w2c_\w+\([^)]*\) \{\n[\s\S]*?^\}\n/gm;

/**
 * The engine's C as firmware compiles it, from what wasm2c 1.0.32 wrote. wasm2c's own runtime goes: its loads, stores and traps are
 * saccade_wasm.h's, there is one instance, whose globals are one static struct, and exports are called engine_<name>.
 * @param text  the .c file of `wasm2c -n saccade`
 * @throws Error when the text is not of the kind that is understood here
 */
export function engineSource(text: string): string {
  const from = text.indexOf(PROLOGUE_END), past = text.indexOf(RUNTIME_PARTS);
  if (from < 0 || past < from) throw new Error("this is not what wasm2c 1.0.32 writes");
  const body = text.slice(from, past);
  if (/\bdata_segment_data|\bLOAD_DATA\b/.test(body)) throw new Error("the engine has static data: the embedded build keeps its scratch in lent memory");
  const globals = globalsOf(body), exported = exportsOf(body);
  const functions = (body.match(FUNCTION) ?? []).map((text) => guarded(withoutPrefix(withoutInstance(text), exported)));
  if (functions.length === 0 || functions.some((text) => text.includes("instance"))) throw new Error("a function still names wasm2c's instance");
  if (functions.some((text) => /\bf(?:32|64)\b/.test(text))) throw new Error("the engine has floating-point numbers");
  const declarations = functions.map((text) => `${GATE.test(text) ? "GATE" : "ENGINE"}_FUNCTION ${text.slice(0, text.indexOf(" {\n"))};\n`);
  return [
    "/* The engine, assembly/embedded.ts through wasm2c: made by firmware-bridge/write-engine.ts, not to be edited. */\n",
    structText(globals), declarations.join(""), functions.join("\n"),
  ].join("\n");
}

/** Globals by name, with what they begin as. */
function globalsOf(body: string): [name: string, value: string][] {
  const lines = GLOBALS.exec(body)?.[1]?.trimEnd().split("\n") ?? [];
  return lines.map((line) => {
    const [, name, value] = GLOBAL.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not a global: ${line}`);
    return [name.replace("w2c_assembly_", ""), value];
  });
}

/** The function behind each export. */
function exportsOf(body: string): Map<string, string> {
  const wrappers = body.matchAll(new RegExp(`^(?:void|u32|u64) Z_${MODULE}Z_(\\w+)\\([^)]*\\) \\{\\n {2}return (\\w+)\\(`, "gm"));
  return new Map(Array.from(wrappers, ([, name, target]) => [target!, `engine_${name!}`]));
}

function withoutInstance(text: string): string {
  return text
    .replace(FUNC_TYPES, "")
    .replace(/Z_\w+_instance_t\* instance,\s+/g, "").replaceAll(`${INSTANCE} instance`, "void")
    .replaceAll("(*Z_envZ_has)(instance->Z_env_instance, ", "Z_envZ_has(")
    .replaceAll("(*instance->Z_envZ_memory).pages", "MEMORY_PAGES")
    .replaceAll("instance->Z_envZ_memory, ", "")
    .replaceAll("(u64)(w2c_i", "(w2c_i")
    .replaceAll("instance->", "engine.")
    .replace(/\(instance,\s+/g, "(").replaceAll("(instance)", "()");
}

/** Names without what all of them begin with. */
function withoutPrefix(text: string, exported: ReadonlyMap<string, string>): string {
  return text.replace(/\bw2c_assembly_(\w+)/g, (name, short: string) => exported.get(name) ?? short);
}

/** The gate doubts everything, its own reading too: its loads are checked in every build (saccade_wasm.h). */
function guarded(text: string): string {
  return GATE.test(text) ? text.replace(/\b(i(?:32|64)_load)/g, "gate_$1") : text;
}

function structText(globals: readonly (readonly [string, string])[]): string {
  const fields = globals.map(([name]) => `  u32 ${name};\n`).join(""), values = globals.map(([, value]) => `  ${value},\n`).join("");
  return `static struct {\n${fields}} engine = {\n${values}};\n`;
}
