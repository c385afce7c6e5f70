import { chooseForm, type EventColumns, frameEvents, type WordForm } from "../firmware-bridge/protocol/events.js";
import { EventsWriter } from "../firmware-bridge/protocol/events-writer.js";
import { DEFAULT_FRAME_BYTES, MAX_FRAME_BYTES } from "../firmware-bridge/protocol/fields.js";
import { Inbox } from "../firmware-bridge/protocol/inbox.js";
import { FrameWriter } from "../firmware-bridge/protocol/writer.js";
import { LiveBridge } from "../host/decoders/bridge-live.js";
import type { Result, Settings } from "./result.js";
import { inRounds, type Runner } from "./rounds.js";

const EVENTS = 1 << 17, CHUNK_BYTES = 65536, WANTED_MEV = 20;

interface Case {
  readonly name: string;
  readonly form: WordForm | undefined;
  readonly events: EventColumns;
}

/** Events of a sensor at 1 Mev/s: pixels as a counter scatters them, gaps of 0, 1 or 2 µs. */
function scattered(width: number, height: number): EventColumns {
  const hash = (k: number): number => Math.imul(k + 1, 2654435761) >>> 0;
  let time = 0;
  return {
    t: Float64Array.from({ length: EVENTS }, (_, k) => (time += (hash(k) >>> 8) % 3)),
    x: Uint16Array.from({ length: EVENTS }, (_, k) => (hash(k) >>> 4) % width),
    y: Uint16Array.from({ length: EVENTS }, (_, k) => (hash(k) >>> 12) % height),
    p: Uint8Array.from({ length: EVENTS }, (_, k) => hash(k) >>> 31),
  };
}

const CASES: readonly Case[] = [
  { name: "34x34, compact, 2 bytes", form: chooseForm(34, 34, 3), events: scattered(34, 34) },
  { name: "128x128, compact, 3 bytes", form: chooseForm(128, 128), events: scattered(128, 128) },
  { name: "320x320, compact, 3 bytes", form: chooseForm(320, 320), events: scattered(320, 320) },
  { name: "1280x720, compact, 4 bytes", form: chooseForm(1280, 720), events: scattered(1280, 720) },
  { name: "1280x720, plain, 6 bytes", form: undefined, events: scattered(1280, 720) },
];

const columns = ((most) => ({ t: new Float64Array(most), x: new Uint16Array(most), y: new Uint16Array(most), p: new Uint8Array(most) }))(
  frameEvents(MAX_FRAME_BYTES));

/** @returns the wire's bytes */
function encode({ form, events }: Case, keep?: Uint8Array[]): number {
  const open = new EventsWriter(new FrameWriter(DEFAULT_FRAME_BYTES), form);
  let bytes = 0;
  const take = (wire: Uint8Array): void => {
    bytes += wire.length;
    keep?.push(wire.slice());
  };
  for (let at = 0; at < EVENTS;) {
    at = open.add(events, at, EVENTS);
    if (at < EVENTS) take(open.flush()!);
  }
  take(open.flush()!);
  return bytes;
}

/** The codec alone. @returns events */
function decode(wire: Uint8Array): number {
  const inbox = new Inbox();
  let events = 0;
  for (let from = 0; from < wire.length; from += CHUNK_BYTES)
    for (let at = from, to = Math.min(from + CHUNK_BYTES, wire.length); at < to;) {
      at = inbox.read(wire, at, to);
      if (inbox.ready) events += inbox.events(columns, 0);
    }
  return events;
}

/** What a live source does: pixels and times checked too. @returns events */
function live(wire: Uint8Array): number {
  const bridge = new LiveBridge({ wants: ["EVENTS"], form: 1 });
  let events = 0;
  for (let at = 0; at < wire.length; at += CHUNK_BYTES) for (const batch of bridge.push(wire.subarray(at, at + CHUNK_BYTES))) events += batch.count;
  return events;
}

/** The bridge's codec in TypeScript: CRC, stuffing and events, frames of 4 KiB. A sensor of 1 Mev/s takes 1 / Mev/s of one core. */
export async function bridgeBench({ rounds }: Settings): Promise<Result> {
  const timed = (name: string, run: () => number): Runner => ({
    name,
    run(times) {
      const began = performance.now();
      for (let i = 0; i < times; i++) if (run() === 0) throw new Error(`${name} did nothing`);
      return (performance.now() - began) / 1000;
    },
  });
  const wires = CASES.map((item) => {
    const parts: Uint8Array[] = [];
    encode(item, parts);
    return Buffer.concat(parts);
  });
  wires.forEach((wire, i) => {
    if (decode(wire) !== EVENTS || live(wire) !== EVENTS) throw new Error(`${CASES[i]!.name}: other events come back`);
  });
  const timings = await inRounds(CASES.flatMap((item, i) => [
    timed(`encode ${item.name}`, () => encode(item)),
    timed(`decode ${item.name}`, () => decode(wires[i]!)),
    timed(`live ${item.name}`, () => live(wires[i]!)),
  ]), rounds);
  const mev = timings.map(({ median }) => EVENTS / median / 1e6);
  const rows = CASES.map(({ name }, i) => ({
    name,
    encode_mev: mev[3 * i]!,
    decode_mev: mev[3 * i + 1]!,
    live_mev: mev[3 * i + 2]!,
    bytes_per_event: wires[i]!.length / EVENTS,
  }));
  return {
    tables: [{
      title: `bridge codec, frames of ${DEFAULT_FRAME_BYTES} bytes, Mev/s; live: with pixels and times checked`,
      rows: [
        ["sensor, form", "encode", "decode", "live", "bytes an event on the wire", "ev/s at 1 Mbaud"],
        ...rows.map((row) => [row.name, Math.round(row.encode_mev), Math.round(row.decode_mev), Math.round(row.live_mev),
          row.bytes_per_event.toFixed(2), Math.round(100_000 / row.bytes_per_event)]),
      ],
    }],
    figures: { rows },
    marks: rows.slice(0, 4).map((row) => ({ name: `decode ${row.name}`, unit: "Mev/s", wanted: WANTED_MEV, found: row.decode_mev })),
  };
}
