import { LiveBridge } from "../../host/decoders/bridge-live.js";
import { createDecoder } from "../../host/decoders/formats.js";
import { createPointDecoder, POINT_FORMATS } from "../../host/decoders/points/formats.js";
import { Random } from "../../host/simulator/random.js";
import type { Decoder, PointDecoder } from "../../host/types.js";
import { BridgeWriter } from "../../host/writers/bridge.js";
import { type Columns, toEvents } from "../decoders/collect.js";
import { edvsEvents, evr1Packets, evtstreamPackets } from "../decoders/encode-serial.js";
import { framesOf, hokuyoAnswer, SERIAL_ENCODINGS, tfminiFrame, TURNED_ENCODINGS } from "../decoders/points/encode.js";
import { madeShots } from "../decoders/points/shots.js";
import { check, type SoakResult } from "./result.js";
import { BitErrors } from "./streams.js";

/** A decoder, and good frames for it; what comes before the first says how they are read. */
interface Subject {
  readonly name: string;
  readonly make: () => Decoder | PointDecoder;
  readonly head: Uint8Array;
  readonly frames: readonly Uint8Array[];
  /** Good frames that may pass before what is in them comes out again. */
  readonly grace: number;
}

const CHUNK_BYTES = 1 << 20, PIECE_BYTES = 4093, EVENTS = 4000, MOST_GROWTH = 64 << 20;
const none = new Uint8Array(0);

const made = (side: number): Columns => {
  const each = (f: (k: number) => number): number[] => Array.from({ length: EVENTS }, (_, k) => f(k));
  return { t: each((k) => 1000 + 7 * k), x: each((k) => (k * 31) % side), y: each((k) => (k * 17) % side), p: each((k) => k & 1) };
};

/** One frame a batch of events, then the rest of the stream: HELLO, frames, heartbeats. */
function bridgeFrames(): Buffer[] {
  const writer = new BridgeWriter({ size: { width: 128, height: 128 } });
  const bytes = Buffer.concat([writer.begin(), ...[...writer.write(toEvents(made(128)))].map((part) => Buffer.from(part)), ...[...writer.end()].map((part) => Buffer.from(part))]);
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at + 1) + 1;
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

/** 16 events must look like events, and their first may stand for the last of the noise; an E1 step may be long; a packet needs its end. */
const EDVS_GRACE = 24, PACKET_GRACE = 1;

function subjects(): Subject[] {
  const events: Subject[] = [0, 1, 2, 3, 4].map((format) => ({ name: `edvs-e${format}`, make: () => createDecoder(`edvs-e${format}`, { baud: 12_000_000 }),
    head: none, frames: edvsEvents(format as 0, made(128)), grace: EDVS_GRACE }));
  const encodings = [...SERIAL_ENCODINGS, ...TURNED_ENCODINGS];
  const points = encodings.map((encoding): Subject => ({ name: `${encoding.format} (${encoding.frameBytes})`, make: () => createPointDecoder(encoding.format),
    head: encoding.head, frames: framesOf(encoding, madeShots(Math.max(200, 8 * encoding.shots), 3)), grace: encoding.checked ? PACKET_GRACE + 1 : EDVS_GRACE }));
  return [
    ...events,
    { name: "openmv evr1", make: () => createDecoder("openmv"), head: none, frames: evr1Packets(made(320)), grace: PACKET_GRACE },
    { name: "openmv evtstream", make: () => createDecoder("openmv"), head: none, frames: evtstreamPackets(made(320)), grace: PACKET_GRACE },
    { name: "bridge", make: () => new LiveBridge({ wants: ["EVENTS"], form: 1 }), head: none, frames: bridgeFrames(), grace: PACKET_GRACE + 1 },
    ...points,
    { name: "hokuyo", make: () => createPointDecoder("hokuyo"), head: none, grace: PACKET_GRACE,
      frames: [0, 1, 2, 3].map((k) => hokuyoAnswer(100 * k, madeShots(90, k).map(({ mm }) => mm))) },
    { name: "tfmini", make: () => createPointDecoder("tfmini"), head: none, grace: PACKET_GRACE + 1, frames: madeShots(60, 5).map(({ mm, intensity }) => tfminiFrame(mm, 100 + (intensity >> 1))) },
  ];
}

/** Hostile bytes of one kind: noise, or good streams that were damaged. */
interface Hostile {
  readonly name: string;
  fill(chunk: Uint8Array, subject: Subject): void;
}

function hostiles(): Hostile[] {
  const random = new Random(99), errors = new BitErrors(1e-3), words = new Uint32Array(CHUNK_BYTES / 4);
  for (let i = 0; i < words.length; i++) words[i] = random.bits();
  return [
    { name: "noise", fill(chunk) {
      // New noise is slow to make: a chunk is the one before, moved and mixed.
      for (let i = 0, key = random.bits(); i < words.length; i++) words[i] = Math.imul(words[i]! ^ key, 0x9e3779b1) + i;
      chunk.set(new Uint8Array(words.buffer));
    } },
    { name: "flipped", fill(chunk, { head, frames }) {
      fillWith(chunk, [head, ...frames]);
      errors.flip(chunk, 0, chunk.length);
    } },
    { name: "cut", fill(chunk, { head, frames }) {
      const cut = frames.slice(0, 200).map((frame) => frame.subarray(random.below(3), 1 + random.below(frame.length)));
      fillWith(chunk, [head, ...cut]);
    } },
  ];
}

function fillWith(chunk: Uint8Array, parts: readonly Uint8Array[]): void {
  const whole = Buffer.concat(parts);
  for (let at = 0; at < chunk.length; at += whole.length) chunk.set(whole.subarray(0, chunk.length - at), at);
}

interface Row {
  readonly name: string;
  /** Of the slowest kind. */
  readonly megabytes_per_second: number;
  readonly slowest: string;
  /** Good frames until one gave what it holds, after each kind; −1 when none did. */
  readonly frames_to_resync: number;
  readonly growth_mib: number;
  readonly thrown: string | undefined;
}

/** @param bytes of each kind for each decoder */
function torment(subject: Subject, bytes: number): Row {
  const chunk = new Uint8Array(CHUNK_BYTES), kinds = hostiles(), decoder = subject.make();
  let thrown: string | undefined, pushed = 0, worst = 0, slowest = "", resync = 0, growth = 0;
  const before = process.memoryUsage();
  try {
    for (const { name, fill } of kinds) {
      let seconds = 0;
      for (let done = 0; done < bytes; done += chunk.length) {
        fill(chunk, subject);
        const began = performance.now();
        for (let at = 0; at < chunk.length; at += PIECE_BYTES) for (const { count } of decoder.push(chunk.subarray(at, at + PIECE_BYTES))) pushed += count;
        seconds += (performance.now() - began) / 1000;
      }
      if (seconds > worst) [worst, slowest] = [seconds, name];
      const { rss, arrayBuffers } = process.memoryUsage();
      growth = Math.max(growth, arrayBuffers - before.arrayBuffers, rss - before.rss);
      const needed = framesToResync(decoder, subject);
      resync = needed < 0 || resync < 0 ? -1 : Math.max(resync, needed);
    }
  } catch (error) {
    thrown = error instanceof Error ? error.message : String(error);
  }
  return { name: subject.name, megabytes_per_second: (Math.ceil(bytes / chunk.length) * chunk.length) / 1e6 / worst, slowest,
    frames_to_resync: resync, growth_mib: growth / 2 ** 20, thrown };
}

/** Good frames, one a push, until what comes out is as much as went in from one of them on: the first such. */
function framesToResync(decoder: Decoder | PointDecoder, { make, head, frames }: Subject): number {
  const given = (to: Decoder | PointDecoder, bytes: Uint8Array): number => {
    let sum = 0;
    for (const { count } of to.push(bytes)) sum += count;
    return sum;
  };
  const clean = make();
  given(clean, head);
  const wanted = given(clean, Buffer.concat(frames)) + [...clean.end()].reduce((sum, { count }) => sum + count, 0);
  const each = wanted / frames.length;
  given(decoder, head);
  let found = 0;
  for (const frame of frames) found += given(decoder, frame);
  // What is still held for want of the next frame comes out with a second round.
  const missing = wanted - found;
  return found === 0 ? -1 : Math.max(0, Math.ceil(missing / each));
}

/**
 * Bytes of any kind through every decoder of a serial line: no throw, no growth, and good frames are read again at once.
 * @param bytes  of each of three kinds   @param only  what the decoders' names begin with
 */
export async function randomSoak(bytes: number, only: readonly string[] = [""]): Promise<SoakResult> {
  const covered = new Set(subjects().map(({ name }) => name.split(" ")[0]!));
  const all = subjects();
  all.push(...POINT_FORMATS.filter(({ name, transport }) => transport === "serial" && !covered.has(name)).map(({ name, create }): Subject =>
    ({ name, make: () => create({}), head: none, frames: [], grace: 0 })));
  const wanted = all.filter(({ name }) => only.some((begin) => name.startsWith(begin)));
  const rows = wanted.map((subject) => ({ subject, row: torment(subject.frames.length > 0 ? subject : { ...subject, frames: [Buffer.alloc(64, 0x5a)] }, bytes) }));
  return {
    name: `random: ${bytes} bytes of noise, of flipped and of cut streams for each of ${rows.length} decoders`,
    checks: rows.map(({ subject, row }) => {
      const searched = subject.frames.length > 0, back = !searched || (row.frames_to_resync >= 0 && row.frames_to_resync <= subject.grace);
      const found = [`${row.megabytes_per_second.toFixed(1)} MB/s of ${row.slowest}`, searched ? `${row.frames_to_resync} frames missing after` : "no frames to find",
        `${row.growth_mib.toFixed(1)} MiB more`, ...(row.thrown === undefined ? [] : [`threw ${row.thrown}`])];
      return check(row.name, row.thrown === undefined && back && row.growth_mib * 2 ** 20 < MOST_GROWTH, found.join(", "));
    }),
    figures: { rows: rows.map(({ row }) => row) },
  };
}
