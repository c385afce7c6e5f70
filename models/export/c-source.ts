import { ALIGN } from "../../assembly/abi.js";
import { elements } from "../package/lowering/builder.js";
import type { PackageFile } from "../package/reader.js";
import { blobBytes, blobParts } from "./blob.js";
import { cComment, commentLines, cString } from "./c-text.js";
import { arenaBytes, opsMask, stateBytes } from "./needs.js";

/** A package as C for saccade.h: `<name>.h` and `<name>.c`, C99, ASCII. */
export interface CSource {
  readonly header: string;
  readonly source: string;
}

const WORDS_A_LINE = 16;
const FRAMINGS = { time: 0, count: 1, mixed: 2 } as const;

/**
 * Writes a package as C: the same package and name give the same bytes.
 * @param name  a part of C identifiers: c-text.ts, NAME_PATTERN
 */
export function exportC(pkg: PackageFile, name: string): CSource {
  return { header: headerText(pkg, name), source: sourceText(pkg, name) };
}

function headerText(pkg: PackageFile, name: string): string {
  const { card, view: { program, memory } } = pkg;
  const { framing, sensor, vote } = card;
  const upper = name.toUpperCase(), guard = `SACCADE_MODEL_${upper}_H`;
  const logits = program.tensors[program.outputs[0]!]!;
  const { windowMicros = 0, windowEvents = 0, maxLatencyMicros = 0, timesteps } = framing;
  const define = (what: string, value: string | number, says: string): string =>
    `${`#define SACCADE_${upper}_${what} `.padEnd(34 + upper.length)}${String(value).padEnd(8)} /* ${says} */`;
  const lines = [
    ...about(pkg, name),
    `#ifndef ${guard}`,
    `#define ${guard}`,
    "",
    "#include <stdint.h>",
    "",
    "#ifdef __cplusplus",
    "extern \"C\" {",
    "#endif",
    "",
    define("BYTES", blobBytes(pkg), "of the plan below, in flash: what saccade_load takes"),
    define("ARENA_BYTES", memory.arenaBytes, "of tensors"),
    define("STATE_BYTES", program.stateBytes, "of potentials, delays and counters"),
    define("RAM_BYTES", arenaBytes(pkg) + stateBytes(pkg), "that saccade_load takes of the engine's RAM: arena, margin and state"),
    define("OPS", `0x${opsMask(program).toString(16)}u`, "operators that an engine needs for it: bit n for Op n"),
    "",
    define("WIDTH", sensor.kind === "dvs" ? sensor.width : 0, "pixels of the sensor; 0: it takes no events"),
    define("HEIGHT", sensor.kind === "dvs" ? sensor.height : 0, "pixels"),
    define("TIMESTEPS", timesteps, "slices of a window, a saccade_step each"),
    define("FRAMING", FRAMINGS[framing.kind], "a window ends by 0 time, 1 count of events, 2 either"),
    define("WINDOW_US", `${windowMicros}u`, "length of a window; 0: not by time"),
    define("WINDOW_EVENTS", `${windowEvents}u`, "of a window; 0: not by count"),
    define("MAX_LATENCY_US", `${maxLatencyMicros}u`, "a window ends this long after its first event; 0: no such bound"),
    define("SLICE_US", `${Math.floor(windowMicros / timesteps)}u`, sliceText(windowMicros, timesteps)),
    define("STATE_RESETS", framing.state === "reset" ? 1 : 0, "1: potentials are reset where a window begins; 0: they live on"),
    define("VOTE_WINS", vote.wins, "a label holds when it wins so many ..."),
    define("VOTE_OF", vote.of, "... of so many windows"),
    "",
    define("OUTPUTS", elements(logits), "logits of saccade_output"),
    define("LABELS", card.labels.length, "of them with a label; 0: the network is no classifier"),
    "",
    `/* The network: flat words, aligned to ${ALIGN} bytes, weights and all. */`,
    `extern const uint32_t saccade_${name}_plan[];`,
    "/* UTF-8, one a logit in its order, and a null pointer behind them. */",
    `extern const char *const saccade_${name}_labels[];`,
    "",
    "#ifdef __cplusplus",
    "}",
    "#endif",
    "",
    `#endif /* ${guard} */`,
  ];
  return `${lines.join("\n")}\n`;
}

function sliceText(windowMicros: number, timesteps: number): string {
  if (windowMicros === 0) return "slices are of equal count";
  return windowMicros % timesteps === 0 ? "length of a slice" : "length of a slice, rounded down: slice k begins at k * WINDOW_US / TIMESTEPS";
}

function sourceText(pkg: PackageFile, name: string): string {
  const { labels } = pkg.card;
  const parts = blobParts(pkg);
  const words = parts.reduce((total, part) => total + part.words.length, 0);
  const lines = [
    ...about(pkg, name),
    `#include "${name}.h"`,
    "",
    "#if defined(__BYTE_ORDER__) && defined(__ORDER_BIG_ENDIAN__)",
    "#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__",
    "#error \"the plan is little-endian\"",
    "#endif",
    "#endif",
    "",
    "#if defined(__GNUC__)",
    `#define SACCADE_ALIGNED __attribute__((aligned(${ALIGN})))`,
    "#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L",
    `#define SACCADE_ALIGNED _Alignas(${ALIGN})`,
    "#else",
    `#define SACCADE_ALIGNED /* saccade_load refuses the plan if the linker does not align it to ${ALIGN} */`,
    "#endif",
    "",
    `SACCADE_ALIGNED const uint32_t saccade_${name}_plan[${words}] = {`,
    ...parts.flatMap(({ says, words }) => [`/* ${cComment(says)} */`, ...wordLines(words)]),
    "};",
    "",
    `const char *const saccade_${name}_labels[${labels.length + 1}] = {`,
    ...labels.map((label) => `${cString(label)},`),
    "0};",
  ];
  return `${lines.join("\n")}\n`;
}

function wordLines(words: Uint32Array): string[] {
  return Array.from({ length: Math.ceil(words.length / WORDS_A_LINE) }, (_, line) =>
    Array.from(words.subarray(line * WORDS_A_LINE, (line + 1) * WORDS_A_LINE), (word) => `0x${word.toString(16).padStart(8, "0")},`).join(" "));
}

/** What a reader wants to know first, and what a licence wants to be said. */
function about({ card, digest }: PackageFile, name: string): string[] {
  const { sensor, denoise, framing, scores, provenance } = card;
  const window = [
    framing.windowMicros === undefined ? [] : [`${framing.windowMicros} us`],
    framing.windowEvents === undefined ? [] : [`${framing.windowEvents} events`],
  ].flat().join(" or ");
  return [
    "/*",
    ` * A network for saccade.h, written by \`saccade export --target c --name ${name}\`: not to be changed by hand.`,
    " *",
    ...commentLines("package", `${card.name} ${card.version}`),
    ...commentLines("SHA-256", digest),
    ...commentLines("task", card.task === "none" ? "none" : `${card.task} of ${card.labels.length} labels`),
    ...commentLines("sensor", sensor.kind === "dvs" ? `DVS, ${sensor.width} x ${sensor.height} pixels` : "none"),
    ...Object.entries(denoise ?? {}).flatMap(([filter, value]) =>
      commentLines("denoise", `events come without noise, ${filter} ${value}: the caller filters them`)),
    ...commentLines("window", `${window}, ${framing.timesteps} timesteps of ${framing.frame} up to ${framing.cap}, state: ${framing.state}`),
    ...scores.flatMap(({ metric, value, n, data }) => commentLines("score", `${metric} ${value} on ${n} of ${data}`)),
    ...commentLines("licence", card.licence),
    ...Object.entries(provenance).flatMap(([what, how]) => commentLines("provenance", `${what}: ${how}`)),
    " */",
  ];
}
