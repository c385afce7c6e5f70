import { readFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { fileURLToPath } from "node:url";
import { createDecoder } from "../host/decoders/formats.js";
import { SaccadeError } from "../host/errors.js";
import { packageRoot } from "../host/root.js";
import { FILE_CHUNK_BYTES } from "../host/sources/file.js";
import type { Events } from "../host/types.js";
import { Evt2Writer } from "../host/writers/evt2.js";
import { Evt3Writer } from "../host/writers/evt3.js";
import type { RecordingWriter } from "../host/writers/recording-writer.js";

/** One measured figure, beside what DESIGN.md section 9 wants. */
export interface DecodeRow {
  readonly name: string;
  /** Median of the runs, million events a second. */
  readonly mevPerSecond: number;
  /** Undefined for the yardstick. */
  readonly wanted?: number | undefined;
  /** Against the yardstick in the same rounds: what a busy or slower machine changes least. */
  readonly ofYardstick: number;
  readonly events: number;
  readonly bytes: number;
  readonly runs: number;
}

interface Case {
  readonly name: string;
  readonly wanted?: number;
  readonly bytes: Uint8Array;
  /** @returns events */
  run(): number;
}

const RECORDING = fileURLToPath(new URL("../shared/data/dvs/formats/evt2.raw", packageRoot));
/** The recording is 96 ms long; it is played this often, one after the other. */
const TIMES = 4;
const RUNS = 25, WARM_UP_RUNS = 5;
const SIZE = { width: 640, height: 480 };
const EVT2_WANTED = 300, EVT3_WANTED = 120;

/**
 * Decoding with all checks on, from memory, in chunks as a file source gives them: a real EVT2 recording of a 640x480 sensor,
 * the same events written as EVT3, one word an event and with vectors, and with rows sorted as a sensor with vectors would read
 * them out. The yardstick is the least that any EVT2 decoder does: one loop over aligned words, no check, no chunk, no counter.
 * Cases take turns, so that a change of the machine's pace meets all of them.
 * @throws SaccadeError FILE_NOT_FOUND without the shared recordings
 */
export async function decodeBench(): Promise<DecodeRow[]> {
  const evt2 = prolong(
    await readFile(RECORDING).catch((cause: unknown) => {
      throw new SaccadeError("FILE_NOT_FOUND", `there is no recording ${RECORDING}`, "put the shared recordings there", { cause });
    }),
  );
  const events = collect(evt2);
  const decoding = (format: string, name: string, bytes: Uint8Array, wanted: number): Case => ({
    name,
    wanted,
    bytes,
    run: () => decodeAll(format, bytes),
  });
  const evt3 = (name: string, vectors: boolean, list: Events): Case =>
    decoding("evt3", name, encode(new Evt3Writer({ size: SIZE, vectors }), list), EVT3_WANTED);
  const cases: readonly Case[] = [
    { name: "yardstick: bare EVT2 loop", bytes: evt2, run: bareLoop(evt2) },
    decoding("evt2", "evt2, recording", evt2, EVT2_WANTED),
    decoding("evt2", "evt2, written by us", encode(new Evt2Writer({ size: SIZE }), events), EVT2_WANTED),
    evt3("evt3, single events", false, events),
    evt3("evt3, vectors", true, events),
    evt3("evt3, vectors, rows sorted", true, sortRows(events)),
  ];
  const seconds = cases.map(() => [] as number[]);
  const counts = cases.map(() => 0);
  for (let round = -WARM_UP_RUNS; round < RUNS; round++)
    cases.forEach((item, i) => {
      const start = process.hrtime.bigint();
      counts[i] = item.run();
      if (round >= 0) seconds[i]!.push(Number(process.hrtime.bigint() - start) / 1e9);
    });
  const rates = seconds.map((list, i) => counts[i]! / median(list) / 1e6);
  return cases.map(({ name, wanted, bytes }, i) => ({
    name,
    wanted,
    mevPerSecond: rates[i]!,
    ofYardstick: rates[i]! / rates[0]!,
    events: counts[i]!,
    bytes: bytes.length,
    runs: RUNS,
  }));
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

function decodeAll(format: string, bytes: Uint8Array): number {
  const decoder = createDecoder(format);
  let events = 0;
  for (let at = 0; at < bytes.length; at += FILE_CHUNK_BYTES)
    for (const batch of decoder.push(bytes.subarray(at, at + FILE_CHUNK_BYTES))) events += batch.count;
  for (const batch of decoder.end()) events += batch.count;
  return events;
}

const TIME_HIGH = 8;

/** Where the words of an EVT2 file begin: after its last header line, which is `% evt 2.0`. */
const wordsAt = (file: Buffer): number => file.indexOf("\n", file.indexOf("% evt 2.0")) + 1;

/** The recording TIMES over, the time going on. */
function prolong(file: Buffer): Buffer {
  const at = wordsAt(file);
  const words = new Uint32Array(Uint8Array.from(file.subarray(at, file.length - ((file.length - at) & 3))).buffer);
  const highs = words.filter((word) => word >>> 28 === TIME_HIGH);
  const span = highs[highs.length - 1]! - highs[0]! + 1;
  const parts = Array.from({ length: TIMES }, (_, k) => words.map((word) => (word >>> 28 === TIME_HIGH ? word + k * span : word)));
  return Buffer.concat([file.subarray(0, at), ...parts.map((part) => Buffer.from(part.buffer))]);
}

function bareLoop(file: Buffer): () => number {
  const words = new Uint32Array(Uint8Array.from(file.subarray(wordsAt(file))).buffer);
  const t = new Float64Array(1 << 14), x = new Uint16Array(1 << 14), y = new Uint16Array(1 << 14), p = new Uint8Array(1 << 14);
  return () => {
    let events = 0, base = 0;
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      const type = word >>> 28;
      if (type <= 1) {
        const at = events & 0x3fff;
        t[at] = base + ((word >>> 22) & 0x3f);
        x[at] = (word >>> 11) & 0x7ff;
        y[at] = word & 0x7ff;
        p[at] = type;
        events++;
      } else if (type === TIME_HIGH) base = (word & 0xfffffff) * 64;
    }
    return events;
  };
}

function collect(bytes: Uint8Array): Events {
  const decoder = createDecoder("evt2");
  const parts: { t: number[]; x: number[]; y: number[]; p: number[] } = { t: [], x: [], y: [], p: [] };
  const keep = ({ count, t, x, y, p }: Events): void => {
    for (let i = 0; i < count; i++) {
      parts.t.push(t[i]!);
      parts.x.push(x[i]!);
      parts.y.push(y[i]!);
      parts.p.push(p[i]!);
    }
  };
  for (const batch of decoder.push(bytes)) keep(batch);
  for (const batch of decoder.end()) keep(batch);
  return {
    count: parts.t.length,
    t: Float64Array.from(parts.t),
    x: Uint16Array.from(parts.x),
    y: Uint16Array.from(parts.y),
    p: Uint8Array.from(parts.p),
  };
}

/** The same events with one time for each 256 µs, in order of time, row, polarity and column: long runs for vectors. */
function sortRows({ count, t, x, y, p }: Events): Events {
  const time = t.map((micros) => Math.floor(micros / 256) * 256);
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => time[a]! - time[b]! || y[a]! - y[b]! || p[a]! - p[b]! || x[a]! - x[b]!,
  );
  return {
    count,
    t: Float64Array.from(order, (i) => time[i]!),
    x: Uint16Array.from(order, (i) => x[i]!),
    y: Uint16Array.from(order, (i) => y[i]!),
    p: Uint8Array.from(order, (i) => p[i]!),
  };
}

function encode(writer: RecordingWriter, events: Events): Uint8Array {
  const parts = [Buffer.from(writer.begin())];
  for (const bytes of writer.write(events)) parts.push(Buffer.from(bytes));
  for (const bytes of writer.end()) parts.push(Buffer.from(bytes));
  return Buffer.concat(parts);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await decodeBench();
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    os: `${process.platform} ${release()}`,
    node: process.version,
  };
  const date = new Date().toISOString().slice(0, 10);
  if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify({ date, machine, rows })}\n`);
  else {
    process.stdout.write(`decode, ${date}, ${machine.cpu}, ${machine.cores} cores, ${machine.os}, node ${machine.node}\n`);
    for (const { name, mevPerSecond, ofYardstick, wanted, events, runs } of rows)
      process.stdout.write(
        `${name.padEnd(28)} ${mevPerSecond.toFixed(0).padStart(5)} Mev/s  ${(100 * ofYardstick).toFixed(0).padStart(4)} %  ` +
          `${wanted === undefined ? "" : `wanted ${wanted}; `}${events} events, median of ${runs}\n`,
      );
  }
}
