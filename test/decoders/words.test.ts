import t from "tap";
import type { Drops } from "../../host/types.js";
import { decodeBytes } from "./collect.js";

const u16 = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values.map((value) => value >>> 0)).buffer);

type Row = readonly [t: number, x: number, y: number, p: number];

interface Case {
  readonly name: string;
  readonly format: string;
  readonly bytes: Buffer;
  readonly events: readonly Row[];
  readonly drops?: Drops;
  readonly error?: string;
  readonly size?: { readonly width: number; readonly height: number };
}

const evt2High = (value: number): number => (8 << 28) | value;
const evt2Event = (low: number, x: number, y: number, p: number): number => (p << 28) | (low << 22) | (x << 11) | y;
const row = (y: number): number => y, at = (x: number, p: number): number => 0x2000 | (p << 11) | x, base = (x: number, p: number): number => 0x3000 | (p << 11) | x;
const vector12 = (mask: number): number => 0x4000 | mask, vector8 = (mask: number): number => 0x5000 | mask;
const low = (value: number): number => 0x6000 | value, high = (value: number): number => 0x8000 | value;
const raw = (header: string, ...words: Buffer[]): Buffer => Buffer.concat([Buffer.from(header, "latin1"), ...words]);
const SIZE = "% geometry 640x480\n% end\n";

const CASES: readonly Case[] = [
  {
    name: "EVT2: bits of each field", format: "evt2", bytes: u32(evt2High(0xfffffff), evt2Event(63, 2047, 2046, 1)),
    events: [[2 ** 34 - 1, 2047, 2046, 1]],
  },
  {
    name: "EVT2: events before the first TIME_HIGH have no time", format: "evt2",
    bytes: u32(evt2Event(1, 1, 1, 1), evt2High(2), evt2Event(1, 5, 6, 0)), events: [[129, 5, 6, 0]], drops: { before_time_base: 1 },
  },
  {
    name: "EVT2: the time wraps after 2^34 µs", format: "evt2",
    bytes: u32(evt2High(0xffffffe), evt2Event(0, 1, 1, 1), evt2High(1), evt2Event(2, 1, 1, 1)),
    events: [[(2 ** 28 - 2) * 64, 1, 1, 1], [2 ** 34 + 66, 1, 1, 1]],
  },
  {
    name: "EVT2: time that runs backwards stays at the latest", format: "evt2",
    bytes: u32(evt2High(10), evt2Event(9, 1, 1, 1), evt2Event(3, 2, 1, 1), evt2High(9), evt2Event(0, 3, 1, 0), evt2High(11), evt2Event(0, 4, 1, 0)),
    events: [[649, 1, 1, 1], [649, 2, 1, 1], [649, 3, 1, 0], [704, 4, 1, 0]], drops: { time_backwards: 2 },
  },
  {
    name: "EVT2: other words are counted", format: "evt2",
    bytes: u32(evt2High(1), 0xa << 28, 0xd << 28, 0xe << 28, 0xf << 28, 5 << 28, evt2Event(0, 0, 0, 0)), events: [[64, 0, 0, 0]],
    drops: { trigger: 1, imu: 1, monitor_word: 2, unknown_word: 1 },
  },
  {
    name: "EVT2: pixels that the sensor does not have, and a torn word", format: "evt2",
    bytes: raw(SIZE, u32(evt2High(0), evt2Event(0, 639, 479, 1), evt2Event(0, 640, 0, 1), evt2Event(0, 0, 480, 1)), Buffer.from([1, 2, 3])),
    events: [[0, 639, 479, 1]], drops: { outside_sensor: 2, torn_tail: 3 }, size: { width: 640, height: 480 },
  },
  { name: "EVT2: a header and no event is an empty recording of a known sensor", format: "evt2", bytes: raw(SIZE), events: [], size: { width: 640, height: 480 } },
  { name: "EVT2: bytes without a time are no recording", format: "evt2", bytes: Buffer.alloc(64), events: [], drops: { before_time_base: 16 }, error: "RECORDING_CORRUPT" },
  { name: "EVT2: fewer bytes than a word are no recording", format: "evt2", bytes: Buffer.from([1]), events: [], drops: { torn_tail: 1 }, error: "RECORDING_CORRUPT" },
  {
    name: "EVT2: system 21 is a 640x480 sensor", format: "evt2", bytes: raw("% system_ID 21\n% evt 2.0\n", u32(evt2High(0))), events: [],
    size: { width: 640, height: 480 },
  },
  {
    name: "EVT2: two geometries that differ", format: "evt2", bytes: raw("% geometry 640x480\n% format EVT2;height=720;width=1280\n% end\n"), events: [],
    error: "RECORDING_CORRUPT",
  },
  { name: "EVT2: a header of another encoding", format: "evt2", bytes: raw("% evt 3.0\n% end\n"), events: [], error: "RECORDING_UNSUPPORTED" },
  {
    name: "EVT2: a first word that begins with % after the header's end", format: "evt2", bytes: raw(SIZE, Buffer.from([0x25, 0, 0, 0x80])), events: [],
    size: { width: 640, height: 480 },
  },
  {
    name: "EVT2.1: a mask of pixels, little-endian", format: "evt21",
    bytes: raw("% format EVT21;endianness=little;height=720;width=1280\n% end\n", u32(0, evt2High(1), 0x80000005, evt2Event(2, 1248, 7, 1))),
    events: [[66, 1248, 7, 1], [66, 1250, 7, 1], [66, 1279, 7, 1]], size: { width: 1280, height: 720 },
  },
  {
    name: "EVT2.1: legacy halves, by the camera's system", format: "evt21",
    bytes: raw("% evt 2.1\n% integrator_name Prophesee\n% system_ID 49\n", u32(evt2High(1), 0, evt2Event(0, 3, 4, 0), 1)),
    events: [[64, 3, 4, 0]], size: { width: 1280, height: 720 },
  },
  {
    name: "EVT2.1: the last pixels of a mask may be off the sensor", format: "evt21",
    bytes: raw("% format EVT21;height=320;width=320\n% end\n", u32(0, evt2High(1), 0xffffffff, evt2Event(0, 319, 0, 1), 7, evt2Event(0, 0, 320, 1))),
    events: [[64, 319, 0, 1]], drops: { outside_sensor: 34 }, size: { width: 320, height: 320 },
  },
  {
    name: "EVT3: single events, rows and times that stay", format: "evt3",
    bytes: u16(high(1), low(5), row(9), at(1, 1), at(2, 0), low(6), at(3, 1), row(10), at(4, 1)),
    events: [[4101, 1, 9, 1], [4101, 2, 9, 0], [4102, 3, 9, 1], [4102, 4, 10, 1]],
  },
  {
    name: "EVT3: vectors move their base on", format: "evt3",
    bytes: u16(high(0), row(1), base(100, 1), vector12(0x801), vector12(1), vector8(0x81), vector12(1)),
    events: [[0, 100, 1, 1], [0, 111, 1, 1], [0, 112, 1, 1], [0, 124, 1, 1], [0, 131, 1, 1], [0, 132, 1, 1]],
  },
  {
    name: "EVT3: a new TIME_HIGH sets the low part to 0, the same one does not", format: "evt3",
    bytes: u16(high(2), low(7), row(0), at(0, 0), high(2), at(1, 0), high(3), at(2, 0)),
    events: [[8199, 0, 0, 0], [8199, 1, 0, 0], [12288, 2, 0, 0]],
  },
  {
    name: "EVT3: the time wraps after 2^24 µs", format: "evt3", bytes: u16(high(0xfff), low(0xfff), row(0), at(0, 0), high(0), low(1), at(0, 0)),
    events: [[2 ** 24 - 1, 0, 0, 0], [2 ** 24 + 1, 0, 0, 0]],
  },
  {
    name: "EVT3: what has no time, no row or no base is counted", format: "evt3",
    bytes: u16(at(1, 1), base(0, 0), vector12(0xfff), high(1), at(1, 1), row(3), at(1, 1)),
    events: [[4096, 1, 3, 1]], drops: { before_time_base: 13, before_row: 1 },
  },
  { name: "EVT3: a vector without a base", format: "evt3", bytes: u16(high(0), row(0), vector8(0xff)), events: [], drops: { without_vector_base: 8 } },
  {
    name: "EVT3: rows and columns that the sensor does not have", format: "evt3",
    bytes: raw(SIZE, u16(high(0), row(480), at(0, 0), row(479), at(640, 0), base(636, 1), vector12(0xfff))),
    events: [[0, 636, 479, 1], [0, 637, 479, 1], [0, 638, 479, 1], [0, 639, 479, 1]], drops: { outside_sensor: 10 }, size: { width: 640, height: 480 },
  },
  {
    name: "EVT3: a base runs off the field and stays off", format: "evt3",
    bytes: u16(high(0), row(0), base(2040, 0), vector12(1), ...Array.from({ length: 6000 }, () => vector12(1))),
    events: [[0, 2040, 0, 0]], drops: { outside_sensor: 6000 },
  },
  {
    name: "EVT3: other words are counted", format: "evt3", bytes: u16(high(0), 0xa000, 0xd000, 0xe000, 0x7000, 0xf000, 0x1000, 0x9000),
    events: [], drops: { trigger: 1, imu: 1, monitor_word: 3, unknown_word: 2 },
  },
  {
    name: "EVT4: a mask is never read as a word", format: "evt4",
    bytes: u32((0xd << 28) | 5, (0xe << 28) | 9, (0xe << 28) | 1, (0xd << 28) | (2 << 22) | (10 << 11) | 20, 0xe0000003, 0xffffffff, (0xa << 28) | (1 << 11) | 2),
    events: [[66, 10, 20, 1], [66, 11, 20, 1], [66, 39, 20, 1], [66, 40, 20, 1], [66, 41, 20, 1], [66, 1, 2, 0]],
    drops: { before_time_base: 5, time_backwards: 1 },
  },
  {
    name: "DAT: the time wraps after 2^32 µs", format: "dat",
    bytes: raw("% Version 2\n", Buffer.from([0, 8]), u32(0xffffffff, (1 << 28) | (3 << 14) | 4, 1, (5 << 14) | 6)),
    events: [[2 ** 32 - 1, 4, 3, 1], [2 ** 32 + 1, 6, 5, 0]],
  },
  { name: "DAT: no header, bare events", format: "dat", bytes: u32(7, (1 << 28) | (2 << 14) | 1), events: [[7, 1, 2, 1]] },
  { name: "DAT: triggers are no pixel events", format: "dat", bytes: raw("% Version 2\n", Buffer.from([14, 8])), events: [], error: "RECORDING_UNSUPPORTED" },
  { name: "DAT: events of another length", format: "dat", bytes: raw("% Version 2\n", Buffer.from([0, 16])), events: [], error: "RECORDING_CORRUPT" },
  { name: "DAT: an unknown version", format: "dat", bytes: raw("% Version 3\n", Buffer.from([0, 8])), events: [], error: "RECORDING_UNSUPPORTED" },
  { name: "N-MNIST: row 240 adds 8192 µs to all that follows", format: "nmnist", bytes: Buffer.from([1, 2, 0x80, 0, 9, 0, 240, 0, 0, 0, 3, 4, 0, 0, 9]), events: [[9, 1, 2, 1], [8201, 3, 4, 0]] },
  { name: "ES: a reset marker does nothing, 0xFF adds 127", format: "es", bytes: raw("Event Stream", Buffer.from([2, 0, 0, 1, 4, 0, 3, 0, 0xfe, 0xff, 3, 1, 0, 0, 0])), events: [[128, 1, 2, 1]], size: { width: 4, height: 3 } },
  {
    name: "ES: ATIS exposures are counted", format: "es", bytes: raw("Event Stream", Buffer.from([2, 0, 0, 2, 4, 0, 3, 0, 0xff, 1, 0, 0, 0, 0, 6, 1, 0, 2, 0, 3, 0, 0, 0, 0])),
    events: [[190, 1, 0, 1]], drops: { exposure: 2 }, size: { width: 4, height: 3 },
  },
  { name: "ES: bytes of any kind are refused", format: "es", bytes: raw("Event Stream", Buffer.from([2, 0, 0, 0, 1, 1])), events: [], error: "RECORDING_UNSUPPORTED" },
  { name: "ES: version 1", format: "es", bytes: raw("Event Stream", Buffer.from([1, 0, 0, 1, 4, 0, 3, 0])), events: [], error: "RECORDING_UNSUPPORTED" },
  { name: "ES: a sensor with no pixels", format: "es", bytes: raw("Event Stream", Buffer.from([2, 0, 0, 1, 0, 0, 3, 0])), events: [], error: "RECORDING_CORRUPT" },
  { name: "nothing at all", format: "es", bytes: Buffer.alloc(0), events: [], error: "RECORDING_EMPTY" },
];

t.ok(CASES.length > 0, "an empty table proves nothing");
for (const { name, format, bytes, events, drops = {}, error, size } of CASES)
  t.test(name, async (t) => {
    for (const cuts of [[], [1], [3]]) {
      const decoded = decodeBytes(format, bytes, cuts);
      const rows = Array.from({ length: decoded.events.count }, (_, i) => [decoded.events.t[i], decoded.events.x[i], decoded.events.y[i], decoded.events.p[i]]);
      t.strictSame(rows, events);
      t.strictSame(decoded.drops, drops);
      t.equal(decoded.error, error);
      t.strictSame(decoded.size, size);
    }
  });
