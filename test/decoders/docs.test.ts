import { readFile } from "node:fs/promises";
import t from "tap";
import { DROP_REASONS } from "../../host/decoders/drops.js";
import { FORMATS } from "../../host/decoders/formats.js";
import { packageRoot } from "../../host/root.js";
import { POINT_FORMAT_NAMES } from "../../host/decoders/points/formats.js";
import { WRITE_NAMES } from "../../host/writers/formats.js";

const page = await readFile(new URL("docs/formats.md", packageRoot), "utf8");

t.test("docs/formats.md names every format, extension and reason, and no other reason", async (t) => {
  for (const { name, extensions } of FORMATS) {
    const line = page.split("\n").find((text) => text.startsWith(`| \`${name}\` |`)) ?? "";
    for (const extension of extensions) t.ok(line.includes(`\`${extension}\``), `${name} ${extension}`);
  }
  for (const name of POINT_FORMAT_NAMES) t.ok(page.includes(`\`${name}\``), name);
  for (const name of WRITE_NAMES) t.ok(page.includes(`| \`${name}\` |`), name);
  const counted = page.slice(page.indexOf("| reason |")).trim().split("\n").slice(2);
  t.strictSame(
    counted,
    Object.entries(DROP_REASONS).map(([reason, what]) => `| \`${reason}\` | ${what} |`),
  );
});
