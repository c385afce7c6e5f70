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
  readonly wanted: number;
  readonly events: number;
  readonly bytes: number;
  readonly runs: number;
}

const RECORDING = fileURLToPath(new URL("../shared/data/dvs/formats/evt2.raw", packageRoot));
const RUNS = 25, WARM_UP_RUNS = 5;
const SIZE = { width: 640, height: 480 };

/**
 * Decoding with all checks on, from memory, in chunks as a file source gives them: a real EVT2 recording of a 640x480 sensor,
 * and the same events written as EVT3, one word an event and with vectors, and with rows sorted as a sensor with vectors would
 * read them out.
 */
export async function decodeBench(): Promise<DecodeRow[]> {
  const evt2 = await readFile(RECORDING).catch((cause: unknown) => {
    throw new SaccadeError("FILE_NOT_FOUND", `there is no recording ${RECORDING}`, "put the shared recordings beside the checkout", {
      cause,
    });
  });
  const rows = [measure("evt2", "evt2 recording", evt2, 300)];
  const events = collect(evt2);
  rows.push(measure("evt3", "evt3, single events", encode(new Evt3Writer({ size: SIZE, vectors: false }), events), 120));
  rows.push(measure("evt3", "evt3, vectors", encode(new Evt3Writer({ size: SIZE }), events), 120));
  rows.push(measure("evt3", "evt3, vectors, rows sorted", encode(new Evt3Writer({ size: SIZE }), sortRows(events)), 120));
  rows.push(measure("evt2", "evt2, no other words", encode(new Evt2Writer({ size: SIZE }), events), 300));
  return rows;
}

function measure(format: string, name: string, bytes: Uint8Array, wanted: number): DecodeRow {
  const seconds: number[] = [];
  let events = 0;
  for (let run = -WARM_UP_RUNS; run < RUNS; run++) {
    const decoder = createDecoder(format);
    events = 0;
    const start = process.hrtime.bigint();
    for (let at = 0; at < bytes.length; at += FILE_CHUNK_BYTES)
      for (const batch of decoder.push(bytes.subarray(at, at + FILE_CHUNK_BYTES))) events += batch.count;
    for (const batch of decoder.end()) events += batch.count;
    if (run >= 0) seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  seconds.sort((a, b) => a - b);
  const median = seconds[Math.floor(RUNS / 2)]!;
  return { name, mevPerSecond: events / median / 1e6, wanted, events, bytes: bytes.length, runs: RUNS };
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
    for (const { name, mevPerSecond, wanted, events, bytes, runs } of rows)
      process.stdout.write(
        `${name.padEnd(28)} ${mevPerSecond.toFixed(0).padStart(5)} Mev/s  ` +
          `(wanted ${wanted}; ${events} events, ${bytes} bytes, median of ${runs})\n`,
      );
  }
}
