import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { readNpz } from "../../host/writers/npz-reader.js";
import { endRuns, saccade } from "./run.js";

const folder = await mkdtemp(join(tmpdir(), "saccade-"));
t.teardown(async () => {
  endRuns();
  await rm(folder, { recursive: true });
});
const csv = join(folder, "events.csv");
await writeFile(csv, "t,x,y,p\n1,2,3,1\n5,7,6,0\n5,8,6,0\n4,9,6,1\nbroken\n");

/** SHA-256 of the columns that are left, t 1 5 5 5, x 2 7 8 9, y 3 6 6 6, p 1 0 0 1, by Python's hashlib and struct. */
const DIGEST = {
  t: "20a7f38a8b762834f0a335f40f3768e72d903d88854d11e8fad8d0b18beb7af9",
  x: "a010c453dfa7b331dd1e290eb97b53f3cc06bac428acc8068d6fdd753bb03915",
  y: "10e6e092b67df5d01701a867d7300fcaafd8ef55d176e3e4dbf71076c9864520",
  p: "afa7518106309c22d325df6d2663249d158d2f36f1976269d6d4104d9198a108",
};

t.test("decode --json prints exactly the contract", async (t) => {
  const { code, stdout, stderr } = await saccade("decode", csv, "--json");
  t.equal(code, 0);
  t.equal(stderr, "");
  const result = JSON.parse(stdout);
  t.strictSame(Object.keys(result), ["format", "width", "height", "events", "t_first", "t_last", "digest", "dropped"]);
  t.strictSame(result, {
    format: "csv",
    width: null,
    height: null,
    events: 4,
    t_first: 1,
    t_last: 5,
    digest: DIGEST,
    dropped: { time_backwards: 1, malformed_line: 1 },
  });
});

t.test("decode without --json is for people, with what was dropped and why", async (t) => {
  const { code, stdout } = await saccade("decode", csv);
  t.equal(code, 0);
  t.match(stdout, /csv, size not stated, 4 events in 0.000 s/);
  t.match(stdout, /1 malformed_line: text lines that are not an event/);
});

t.test("convert writes every format, and each decodes to the same columns", async (t) => {
  for (const [to, extension] of [
    ["evt2", "raw"],
    ["evt3", "raw"],
    ["aedat4", "aedat4"],
    ["csv", "csv"],
  ] as const) {
    const out = join(folder, `${to}.${extension}`);
    const { code, stdout } = await saccade("convert", csv, out, "--to", to, "--size", "10x8", "--json");
    t.equal(code, 0);
    t.strictSame(JSON.parse(stdout), {
      from: "csv",
      to,
      width: 10,
      height: 8,
      events: 4,
      time_shift: 0,
      dropped: { time_backwards: 1, malformed_line: 1 },
    });
    const decoded = JSON.parse((await saccade("decode", out, "--json")).stdout);
    t.strictSame(decoded.digest, DIGEST);
    t.equal(decoded.width, to === "csv" ? null : 10);
  }
  const npz = join(folder, "events.npz");
  t.equal((await saccade("convert", csv, npz)).code, 0);
  const arrays = readNpz(await readFile(npz));
  t.strictSame(arrays["t"], { dtype: "<u8", shape: [4], data: BigUint64Array.of(1n, 5n, 5n, 5n) });
  t.strictSame(
    [arrays["x"]!.data, arrays["y"]!.data, arrays["p"]!.data],
    [Uint16Array.of(2, 7, 8, 9), Uint16Array.of(3, 6, 6, 6), Uint8Array.of(1, 0, 0, 1)],
  );
});

const REFUSED: readonly (readonly [name: string, argv: readonly string[], code: number, line: RegExp])[] = [
  ["no such file", ["decode", join(folder, "absent.raw")], 66, /^FILE_NOT_FOUND: .*; check the path\n$/],
  ["a folder", ["decode", folder, "--as", "evt2"], 66, /^FILE_UNREADABLE: /],
  ["an unknown format", ["decode", csv, "--as", "evt9"], 65, /^FORMAT_UNKNOWN: .*; choose one of evt2 /],
  ["a size that is none", ["decode", csv, "--size", "10"], 64, /WIDTHxHEIGHT/],
  ["garbage", ["decode", csv, "--as", "evt2"], 65, /^RECORDING_CORRUPT: /],
  ["RAW without its encoding", ["convert", csv, join(folder, "x.raw")], 65, /^FORMAT_AMBIGUOUS: .*; name its format with --to/],
  ["EVT2 without a size", ["convert", csv, join(folder, "x.raw"), "--to", "evt2"], 65, /^SENSOR_SIZE_UNKNOWN: .*--size/],
  ["onto itself", ["convert", csv, csv], 64, /^USAGE: .*is also read/],
  ["into no folder", ["convert", csv, join(folder, "no", "x.csv")], 69, /^FILE_UNWRITABLE: /],
];
for (const [name, argv, code, line] of REFUSED)
  t.test(`${name}: one line and exit code ${code}`, async (t) => {
    const outcome = await saccade(...argv);
    t.equal(outcome.code, code);
    t.equal(outcome.stdout, "");
    t.match(outcome.stderr, line);
    t.equal(outcome.stderr.split("\n").length, 2);
  });
