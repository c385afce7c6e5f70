import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import t from "tap";
import { createDecoder } from "../../host/decoders/formats.js";
import { SpifDecoder } from "../../host/decoders/network/spif.js";
import { needs, sharedData } from "../data.js";
import { seeds } from "../seeds.js";
import { type Columns, decodeBytes, toColumns } from "./collect.js";
import { edvsEvents, evr1Packets, evtstreamPackets } from "./encode-serial.js";

const RECORDINGS = "dvs/edvs-recordings";
const FORMATS = [0, 1, 2, 3, 4] as const;

/** Events of a .dvsd file: 4 bytes, then x, y, p, a spare byte and u32 µs each. Made to begin at 0 and not to fall. */
async function recorded(name: string, most: number): Promise<Columns> {
  const file = await readFile(sharedData(`${RECORDINGS}/${name}`)!);
  const columns: Columns = { t: [], x: [], y: [], p: [] };
  const first = file.readUInt32LE(8);
  for (let at = 4; at + 8 <= file.length && columns.t.length < most; at += 8) {
    columns.t.push(Math.max(columns.t.at(-1) ?? 0, file.readUInt32LE(at + 4) - first));
    columns.x.push(file[at]! & 127);
    columns.y.push(file[at + 1]! & 127);
    columns.p.push(file[at + 2]! & 1);
  }
  return columns;
}

for (const format of FORMATS)
  t.test(`eDVS E${format}: real recordings, with answers between, go round`, needs(RECORDINGS), async (t) => {
    for (const name of ["balls.dvsd", "moving_cam.dvsd", "gear_10V_good.dvsd"]) {
      const wanted = await recorded(name, 20_000), events = edvsEvents(format, wanted);
      const parts = events.flatMap((event, i) => (i % 997 === 5 ? [Buffer.from(`-S${i % 10} 12 -7 99\n`), event] : [event]));
      const bytes = Buffer.concat([Buffer.from(`!E${format}\nE+\n`), ...parts]);
      const { events: given, drops, size, error } = decodeBytes(`edvs-e${format}`, bytes, [1000, 3]);
      const columns = toColumns(given);
      t.equal(error, undefined);
      t.strictSame(size, { width: 128, height: 128 });
      t.strictSame([columns.x, columns.y, columns.p], [wanted.x, wanted.y, wanted.p], name);
      if (format > 0) t.strictSame(columns.t, wanted.t, "times");
      t.strictSame(drops, { reply: 2 + Math.ceil((wanted.t.length - 5) / 997) });
    }
  });

t.test("eDVS: times wrap, and arrivals tell how often while nothing moved", async (t) => {
  const early: Columns = { t: [0, 10, 20, 30], x: [1, 2, 3, 4], y: [5, 6, 7, 8], p: [0, 1, 0, 1] };
  const late = { ...early, t: early.t.map((time) => time + 3 * 65536 + 500) };
  const bytes = [early, late].map((columns) => Buffer.concat(edvsEvents(2, columns)));
  const run = (arrivals: readonly (number | undefined)[]): number[] => {
    const decoder = createDecoder("edvs-e2"), times: number[] = [];
    bytes.forEach((chunk, i) => {
      for (const { t: column, count } of decoder.push(chunk, arrivals[i])) times.push(...column.subarray(0, count));
    });
    for (const { t: column, count } of decoder.end()) times.push(...column.subarray(0, count));
    return times;
  };
  t.strictSame(run([undefined, undefined]), [0, 10, 20, 30, 500, 510, 520, 530], "unseen without arrivals");
  // The first run of events is given with the second chunk, so all have its arrival: what counts is the gap between arrivals.
  const ones = Array<number>(40).fill(1);
  const aligned = Buffer.concat(edvsEvents(2, { t: ones.map((_, i) => i), x: ones, y: ones, p: ones }));
  bytes.splice(0, 2, aligned, Buffer.concat(edvsEvents(2, late)));
  t.strictSame(run([1e6, 1e6 + 3 * 65536 + 490]).slice(-4), late.t);
});

t.test("eDVS E2 at 12 Mbaud: a host that reads late gives the same times, and a damaged time leaves no trace", async (t) => {
  const count = 90_000, at = (k: number): number => Math.floor((k * 10) / 3), each = Array.from({ length: count }, (_, k) => k);
  const wanted: Columns = { t: each.map(at), x: each.map((k) => k % 128), y: each.map((k) => k % 97), p: each.map((k) => k & 1) };
  const bytes = Buffer.concat(edvsEvents(2, wanted)), damaged = [20_000, 30_001, 70_003];
  const run = (stream: Buffer): number[] => {
    const decoder = createDecoder("edvs-e2", { baud: 12_000_000 }), times: number[] = [];
    for (let from = 0; from < stream.length; from += 1111 * 4) {
      const chunk = stream.subarray(from, from + 1111 * 4), sent = at((from + chunk.length) / 4);
      // Of every 150 ms the host does nothing for 50, then reads all that waits.
      const late = Math.max(0, 50_000 - (sent % 150_000));
      for (const batch of decoder.push(chunk, 5e6 + sent + late)) times.push(...batch.t.subarray(0, batch.count));
    }
    for (const batch of decoder.end()) times.push(...batch.t.subarray(0, batch.count));
    return times;
  };
  const strange = (times: readonly number[], from = 0): number => times.filter((time, k) => k >= from && time !== wanted.t[k]).length;
  t.equal(strange(run(bytes)), 0);
  for (const k of damaged) bytes[4 * k + 2]! ^= 0x40;
  const times = run(bytes);
  t.equal(times.length, count);
  t.ok(strange(times) < 20_000, `${strange(times)} later, for as long as a damaged time is ahead`);
  t.equal(strange(times, 75_000), 0);
});

t.test("eDVS: after an answer, the first event is given at once", async (t) => {
  const decoder = createDecoder("edvs-e4"), one = edvsEvents(4, { t: [77], x: [1], y: [2], p: [1] })[0]!;
  t.strictSame([...decoder.push(Buffer.from("!E4\nE+\n"))], []);
  const [batch] = decoder.push(one);
  t.strictSame([batch?.count, batch?.t[0], batch?.x[0], batch?.y[0]], [1, 77, 1, 2]);
});

t.test("eDVS E0: events have the time of their arrival at the line's rate", async (t) => {
  const places = Array.from({ length: 100 }, (_, i) => i);
  const columns: Columns = { t: places.map(() => 0), x: places, y: places.map(() => 9), p: places.map((i) => i & 1) };
  const { events } = decodeBytes("edvs-e0", Buffer.concat(edvsEvents(0, columns)), [10]);
  t.strictSame(toColumns(events).t, columns.x.map((i) => (i + 1) * 5), "two bytes at 4 Mbit/s take 5 µs");
  const decoder = createDecoder("edvs-e0", { baud: 1_000_000 }), bytes = Buffer.concat(edvsEvents(0, columns));
  const [batch] = decoder.push(bytes, 50_000);
  t.strictSame([batch!.t[0], batch!.t[50]], [50_000 - 99 * 20, 50_000 - 49 * 20], "at the rate that is told, before the arrival");
});

for (const seed of seeds())
  for (const format of FORMATS)
    t.test(`eDVS E${format}: after lost bytes nearly all that follows is read, seed ${seed}`, needs(RECORDINGS), async (t) => {
      const wanted = await recorded("moving_cam.dvsd", 4000), events = edvsEvents(format, wanted), whole = Buffer.concat(events);
      fc.assert(
        fc.property(fc.integer({ min: 100, max: whole.length - 2000 }), fc.integer({ min: 1, max: 7 }), (at, lost) => {
          const bytes = Buffer.concat([whole.subarray(0, at), whole.subarray(at + lost)]);
          const columns = toColumns(decodeBytes(`edvs-e${format}`, bytes, [333]).events);
          const tail = 100;
          for (let i = 1; i <= tail; i++)
            if (columns.x.at(-i) !== wanted.x.at(-i) || columns.y.at(-i) !== wanted.y.at(-i) || columns.p.at(-i) !== wanted.p.at(-i)) return false;
          return Math.abs(columns.x.length - wanted.x.length) < 60;
        }),
        { seed, numRuns: 40 },
      );
      t.pass("in step again");
    });

const FRAMINGS = { evr1: evr1Packets, evtstream: evtstreamPackets };
const made = (count: number): Columns => ({
  t: Array.from({ length: count }, (_, i) => 1000 + 7 * i),
  x: Array.from({ length: count }, (_, i) => (i * 31) % 320),
  y: Array.from({ length: count }, (_, i) => (i * 17) % 320),
  p: Array.from({ length: count }, (_, i) => i & 1),
});

for (const [name, packetsOf] of Object.entries(FRAMINGS)) {
  t.test(`OpenMV ${name}: events go round, cut anywhere`, async (t) => {
    const wanted = made(5000), bytes = Buffer.concat(packetsOf(wanted));
    for (const cuts of [[], [1], [7, 100], [4096]]) {
      const { events, drops } = decodeBytes("openmv", bytes, cuts);
      t.strictSame(toColumns(events), wanted);
      t.strictSame(drops, {});
    }
  });

  t.test(`OpenMV ${name}: lost bytes cost their packet, lost packets are counted`, async (t) => {
    const wanted = made(3000), packets = packetsOf(wanted), k = 7;
    const before = packetsOf(made(3000)).slice(0, k), torn = packets[k]!.subarray(0, packets[k]!.length - 13);
    const { events, drops } = decodeBytes("openmv", Buffer.concat([...before, torn, ...packets.slice(k + 1)]), [50]);
    const columns = toColumns(events);
    t.ok(columns.t.length >= 3000 - 104 && columns.t.length < 3000, `${columns.t.length} of 3000`);
    t.equal(drops["bad_frame"], 1);
    t.equal(columns.x.at(-1), wanted.x.at(-1));
    const gap = decodeBytes("openmv", Buffer.concat([...packets.slice(0, 3), ...packets.slice(5)]), [50]);
    t.strictSame(gap.drops, { missing_packet: 2 });
  });
}

t.test("OpenMV: both framings may follow each other; rubbish between is passed over", async (t) => {
  const wanted = made(400), later = { ...wanted, t: wanted.t.map((time) => time + 1e6) };
  const bytes = Buffer.concat([Buffer.from("MicroPython v1.25\r\n"), ...evr1Packets(wanted), Buffer.from("OK\r\n"), ...evtstreamPackets(later)]);
  const { events, drops } = decodeBytes("openmv", bytes, [5]);
  t.equal(events.count, 800);
  t.equal(drops["resync_bytes"], 19 + 4);
});

t.test("SPIF: words with and without times", async (t) => {
  const decoder = new SpifDecoder({ width: 640, height: 480 });
  const words = Uint32Array.of(0x80000000 + (5 << 16) + 0x8000 + 7, (6 << 16) + 8, 1000, (9000 << 16) + 8, 1001, 3);
  const columns: Columns = { t: [], x: [], y: [], p: [] };
  for (const { count, t: times, x, y, p } of decoder.push(new Uint8Array(words.buffer), 900))
    for (let i = 0; i < count; i++) {
      columns.t.push(times[i]!);
      columns.x.push(x[i]!);
      columns.y.push(y[i]!);
      columns.p.push(p[i]!);
    }
  t.strictSame(columns, { t: [900, 1000], x: [5, 6], y: [7, 8], p: [1, 0] });
  t.strictSame(decoder.drops, { outside_sensor: 1, torn_tail: 4 });
});

for (const seed of seeds())
  t.test(`eDVS and OpenMV: damaged streams are the same however they are cut, seed ${seed}`, async (t) => {
    const few = made(300), small = { ...few, x: few.x.map((x) => x % 128), y: few.y.map((y) => y % 128) };
    const someCuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 3 });
    const streams = [
      ...FORMATS.map((format) => [`edvs-e${format}`, Buffer.concat(edvsEvents(format, small))] as const),
      ["openmv", Buffer.concat([...evr1Packets(made(300)), ...evtstreamPackets(made(300))])] as const,
    ];
    const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    for (const [format, good] of streams)
      fc.assert(
        fc.property(fc.array(place, { maxLength: 6 }), place, fc.uint8Array({ maxLength: 30 }), someCuts, (flips, at, put, cuts) => {
          const from = Math.floor(at * good.length), bytes = Buffer.concat([good.subarray(0, from), put, good.subarray(from + 3)]);
          for (const flip of flips) bytes[Math.floor(flip * bytes.length)]! ^= 1 << (flips.length % 8);
          const whole = decodeBytes(format, bytes), pieces = decodeBytes(format, bytes, cuts);
          assert.deepEqual([toColumns(pieces.events), pieces.drops], [toColumns(whole.events), whole.drops], `${format} cut by ${cuts}`);
        }),
        { seed, numRuns: 60 },
      );
    t.pass("all alike");
  });
