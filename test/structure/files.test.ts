import t from "tap";
import { sources, textOf, trackedFiles } from "./tree.js";

const WISHED_LINES = 300;
const MOST_LINES = 450;
const MOST_COLUMNS = 200;

const FOLDERS = ["assembly", "host", "models", "firmware-bridge", "bench", "test"];

/** The top level is fixed: what a newcomer sees first. */
const TOP_LEVEL = new Set([
  ".ci", ".gitattributes", ".gitignore", ".npmrc", ".taprc", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md",
  "SECURITY.md",
  "asconfig.json", "assembly", "bench", "deploy", "docs", "firmware-bridge", "host", "models", "package-lock.json", "package.json", "test",
  "tsconfig.build.json", "tsconfig.json", "tsconfig.test.json",
]);

/** Written in pieces, so that this file does not trip its own rules. */
const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  "words of how the work was organised": new RegExp(`\\b(?:${["ses" + "sion", "hel" + "per", "ag" + "ent"].join("|")})s?\\b`, "i"),
  "paths of one machine": new RegExp(`(?:^|[\\s"'\`(=:])/(?:${["wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers"].join("|")})/`),
  "hosts of package registries": new RegExp(["regis" + "try\\.(?:npm|yarn)", "py" + "pi\\.org", "pytho" + "nhosted"].join("|"), "i"),
};
/** Names of other people's packages, and data that is no text. */
const UNREAD = /(?:^|\/)package-lock\.json$|^LICENSE$|\.(?:saccade|npz|nir|h5|png|raw|bin|safetensors|pt)$/;

const tracked = trackedFiles();
const inCheckout = { skip: tracked === undefined ? "needs a git checkout" : false } as const;

t.test("the top level holds what DESIGN names and no more", inCheckout, async (t) => {
  const top = new Set(tracked!.map((path) => path.split("/")[0]!));
  t.same([...top].filter((name) => !TOP_LEVEL.has(name)), []);
});

t.test("tracked files keep to the project's subject", inCheckout, async (t) => {
  const texts = tracked!.filter((path) => !UNREAD.test(path)).map((path) => [path, textOf(path)] as const);
  t.ok(texts.length > 100, `${texts.length} files`);
  for (const [rule, pattern] of Object.entries(FORBIDDEN)) {
    const found = texts.flatMap(([path, text]) =>
      text.split("\n").flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim().slice(0, 120)}`] : [])));
    t.same(found, [], `no ${rule}`);
  }
});

t.test("source files stay short", async (t) => {
  const lengths = sources(...FOLDERS).map((path) => ({ path, lines: textOf(path).split("\n").length - 1 }));
  const long = lengths.filter(({ lines }) => lines > WISHED_LINES).sort((a, b) => b.lines - a.lines);
  const middle = lengths.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor(lengths.length / 2)];
  const listed = long.map(({ path, lines }) => `${path} ${lines}`).join(", ") || "none";
  t.comment(`${lengths.length} files, median ${middle} lines; longer than ${WISHED_LINES}: ${listed}`);
  t.same(long.filter(({ lines }) => lines > MOST_LINES), []);
});

t.test("lines fit a window", async (t) => {
  const long = sources(...FOLDERS).flatMap((path) =>
    textOf(path).split("\n").flatMap((line, i) => (line.length > MOST_COLUMNS ? [`${path}:${i + 1}: ${line.length} columns`] : [])));
  t.same(long, []);
});
