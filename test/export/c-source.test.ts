import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { ALIGN } from "../../assembly/abi.js";
import { blobBytes } from "../../models/export/blob.js";
import { exportC } from "../../models/export/c-source.js";
import { cComment, cString, identifierOf, NAME_PATTERN } from "../../models/export/c-text.js";
import type { Card } from "../../models/package/card.js";
import { readPackage, type PackageFile } from "../../models/package/reader.js";
import { needsCompiler, run } from "../firmware-bridge/gcc.js";
import { SMALL_CARD, smallPackage } from "../package/networks.js";
import { seeds } from "../seeds.js";

const folder = mkdtempSync(join(tmpdir(), "saccade-export-"));
t.teardown(() => rmSync(folder, { recursive: true }));

const plain = readPackage(await smallPackage());
const HOSTILE = [
  'say "no"', "back\\slash", "two\nlines\r\n", "*/ int main; /*", "??/", "what??/\"", "\\", "züge 数字 🦊", "\u202eright to left", "\t\0\x7f", "12\u00000",
  "%s %n", "", "a".repeat(200), "1234567??)", "// x \\",
];

/** The small package with other words in its card: also with some that the reader would not let in. */
const renamed = (card: Partial<Card>): PackageFile => ({ ...plain, card: { ...SMALL_CARD, ...card } });

const FLAGS = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-Wtrigraphs", "-trigraphs", "-Wbidi-chars=any"];

/** Prints the blob and the labels as bytes, each label with a length before it. */
const PRINTER = `#include <stdio.h>
#include <string.h>
#include "net.h"
int main(void) {
  fwrite(saccade_net_plan, 1, SACCADE_NET_BYTES, stdout);
  for (int i = 0; saccade_net_labels[i]; i++) printf("%u:%s", (unsigned)strlen(saccade_net_labels[i]), saccade_net_labels[i]);
  return (size_t)saccade_net_plan % ${ALIGN};
}
`;

function compiled(pkg: PackageFile): Buffer {
  const { header, source } = exportC(pkg, "net");
  writeFileSync(join(folder, "net.h"), header);
  writeFileSync(join(folder, "net.c"), source);
  writeFileSync(join(folder, "print.c"), PRINTER);
  run("gcc", [...FLAGS, "-o", join(folder, "print"), join(folder, "net.c"), join(folder, "print.c")]);
  return run(join(folder, "print"), []);
}

function sections({ plan, constants }: PackageFile): Buffer {
  return Buffer.concat([plan, Buffer.alloc((ALIGN - (plan.length % ALIGN)) % ALIGN), constants]);
}

t.test("the header says what noise the caller takes out", async (t) => {
  const denoise = { backgroundActivityMicros: 10_000 };
  const says = /denoise +events come without noise, backgroundActivityMicros 10000: the caller filters/;
  t.match(exportC(renamed({ denoise }), "net").header, says);
  t.notMatch(exportC(plain, "net").header, /denoise/);
});

t.test("the array is the package's sections", needsCompiler("gcc"), async (t) => {
  const printed = compiled(plain), blob = sections(plain);
  t.equal(blob.length, blobBytes(plain));
  t.ok(printed.subarray(0, blob.length).equals(blob));
  t.equal(printed.subarray(blob.length).toString(), plain.card.labels.map((label) => `${label.length}:${label}`).join(""));
});

t.test("it compiles for Cortex-M, and its bytes lie in flash", needsCompiler("arm-none-eabi-gcc"), async (t) => {
  const { header, source } = exportC(plain, "net");
  writeFileSync(join(folder, "net.h"), header);
  writeFileSync(join(folder, "net.c"), source);
  const object = join(folder, "net.o"), raw = join(folder, "net.bin");
  for (const core of ["cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m55"]) {
    run("arm-none-eabi-gcc", [...FLAGS, `-mcpu=${core}`, "-mthumb", "-Os", "-fdata-sections", "-c", "-o", object, join(folder, "net.c")]);
    run("arm-none-eabi-objcopy", ["-O", "binary", "-j", ".rodata.saccade_net_plan", object, raw]);
    t.ok(run("cat", [raw]).subarray(0, blobBytes(plain)).equals(sections(plain)), core);
    t.match(run("arm-none-eabi-size", ["-A", object]).toString(), /\.data\s+0[^]*\.bss\s+0/, `${core}: nothing in RAM`);
  }
});

t.test("hostile words in a card come out as they were", needsCompiler("gcc"), async (t) => {
  const labels = HOSTILE.filter((text) => !text.includes("\0"));
  const text = labels.join(" ");
  const pkg = renamed({ name: text, labels, licence: text, provenance: { [text]: text }, scores: [{ metric: text, value: 1, n: 1, data: text }] });
  const rest = compiled(pkg).subarray(blobBytes(pkg)).toString();
  t.equal(rest, labels.map((label) => `${Buffer.byteLength(label)}:${label}`).join(""));
});

t.test("text can end neither string nor comment", async (t) => {
  for (const text of HOSTILE) {
    t.match(cString(text), /^"(?:[^"\\?\n]|\\[0-7]{3})*"$/);
    t.match(cComment(text), /^[ !-)+-.0-[\]-~/@A-Za-z]*$/);
    t.notMatch(cComment(text), /[*\\?\n]/);
  }
  for (const seed of seeds())
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      const read = cString(text).slice(1, -1).replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
      return Buffer.from(read, "latin1").equals(Buffer.from(text)) && /^[\x20-\x7e]*$/.test(cComment(text)) && !/[*\\?]/.test(cComment(text));
    }), { seed });
});

t.test("the same package and name give the same text, and the header tells its sizes", async (t) => {
  const { header, source } = exportC(plain, "net");
  t.same(exportC(readPackage(await smallPackage()), "net"), { header, source });
  t.match(header, new RegExp(`#define SACCADE_NET_ARENA_BYTES +${plain.view.memory.arenaBytes} `));
  t.match(header, /#define SACCADE_NET_OPS +0x8212u /, "Conv2d, Linear, SumPool, Neuron");
  t.match(header, /#define SACCADE_NET_SLICE_US +4000u /);
  t.match(header, plain.digest);
  t.match(header, /licence +Apache-2\.0\n/);
  t.ok(Math.max(...`${header}${source}`.split("\n").map((line) => line.length)) < 200);
});

t.test("a package's name becomes one of C", async (t) => {
  t.same(["nmnist-int4", "Zähler 2", "--", "9 lives", "a__b", "数字"].map(identifierOf), ["nmnist_int4", "z_hler_2", "", "9_lives", "a_b", ""]);
  t.same(["a", "9x", "_a", "A", "a-b", "a".repeat(41)].map((name) => NAME_PATTERN.test(name)), [true, true, false, false, false, false]);
});
