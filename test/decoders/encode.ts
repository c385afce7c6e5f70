/** Slow, plain encoders of every format that is read: the other side of the decoders in tests. */
import type { Events, SensorSize } from "../../host/types.js";
import { Aedat4Writer } from "../../host/writers/aedat4.js";
import { BridgeWriter } from "../../host/writers/bridge.js";
import { Evt2Writer } from "../../host/writers/evt2.js";
import { Evt3Writer } from "../../host/writers/evt3.js";
import {
  aedat3,
  davisAddress,
  dvs128Address,
  esBody,
  esHead,
  evt21,
  evt4Words,
  EVT_TIME,
  listOf,
  rawHead,
  text,
  throughWriter,
  u16,
  u32,
  u32big,
  withZstd,
} from "./encode-bytes.js";

export interface Encoding {
  readonly name: string;
  /** The decoder that reads it. */
  readonly format: string;
  /** Largest side of a sensor, and latest time, µs, that it can hold. */
  readonly maxSide: number;
  readonly maxTime: number;
  /** The size must be told to the decoder. */
  readonly needsSize?: boolean;
  /** The one sensor that it can be of. */
  readonly only?: SensorSize;
  /** Polarity is not kept. */
  readonly onlyOn?: boolean;
  encode(events: Events, size: SensorSize): Buffer;
}

export const ENCODINGS: readonly Encoding[] = [
  { name: "evt2", format: "evt2", maxSide: 2048, maxTime: 2 ** 50, encode: throughWriter((size) => new Evt2Writer({ size })) },
  { name: "bridge", format: "bridge", maxSide: 32768, maxTime: 2 ** 41, encode: throughWriter((size) => new BridgeWriter({ size })) },
  {
    name: "evt21 little",
    format: "evt21",
    maxSide: 2048,
    maxTime: EVT_TIME,
    encode: evt21("EVT21;endianness=little", (word, mask) => [...u32(mask), ...u32(word)]),
  },
  {
    name: "evt21 legacy",
    format: "evt21",
    maxSide: 2048,
    maxTime: EVT_TIME,
    encode: evt21("EVT21;endianness=legacy", (word, mask) => [...u32(word), ...u32(mask)]),
  },
  {
    name: "evt3 single",
    format: "evt3",
    maxSide: 2048,
    maxTime: 2 ** 41,
    encode: throughWriter((size) => new Evt3Writer({ size, vectors: false })),
  },
  { name: "evt3 vectors", format: "evt3", maxSide: 2048, maxTime: 2 ** 41, encode: throughWriter((size) => new Evt3Writer({ size })) },
  {
    name: "evt4",
    format: "evt4",
    maxSide: 2048,
    maxTime: EVT_TIME,
    encode: (events, size) => Buffer.from([...rawHead("EVT4", size), ...evt4Words(events)]),
  },
  {
    name: "dat 2",
    format: "dat",
    maxSide: 1 << 14,
    maxTime: 2 ** 31 - 1,
    encode: (events, { width, height }) =>
      Buffer.from([
        ...text(`% Data file\n% Version 2\n% Height ${height}\n% Width ${width}\n`),
        12,
        8,
        ...listOf(events).flatMap(({ t, x, y, p }) => [...u32(t), ...u32((p << 28) | (y << 14) | x)]),
      ]),
  },
  {
    name: "dat 1",
    format: "dat",
    maxSide: 256,
    maxTime: 2 ** 31 - 1,
    encode: (events, { width, height }) =>
      Buffer.from([
        ...text(`% Version 1\n% Height ${height}\n% Width ${width}\n`),
        0,
        8,
        ...listOf(events).flatMap(({ t, x, y, p }) => [...u32(t), ...u32((p << 17) | (y << 9) | x)]),
      ]),
  },
  {
    name: "aedat1",
    format: "aedat1",
    maxSide: 128,
    maxTime: 2 ** 31 - 1,
    only: { width: 128, height: 128 },
    encode: (events) => Buffer.from(listOf(events).flatMap((event) => [...u16(dvs128Address(event)).reverse(), ...u32big(event.t)])),
  },
  {
    name: "aedat2 dvs128",
    format: "aedat2",
    maxSide: 128,
    maxTime: 2 ** 31 - 1,
    only: { width: 128, height: 128 },
    encode: (events) =>
      Buffer.from([
        ...text("#!AER-DAT2.0\r\n# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n#End Of ASCII Header\r\n"),
        ...listOf(events).flatMap((event) => [...u32big(dvs128Address(event)), ...u32big(event.t)]),
      ]),
  },
  {
    name: "aedat2 davis",
    format: "aedat2",
    maxSide: 346,
    maxTime: 2 ** 31 - 1,
    only: { width: 346, height: 260 },
    encode: (events, size) =>
      Buffer.from([
        ...text("#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.Davis346blue\r\n#End Of ASCII Header\r\n"),
        ...listOf(events).flatMap((event) => [...u32big(davisAddress(size, event)), ...u32big(event.t)]),
      ]),
  },
  { name: "aedat3.1", format: "aedat3", maxSide: 1 << 15, maxTime: 2 ** 52, needsSize: true, encode: aedat3("3.1", (y) => y) },
  {
    name: "aedat3.0",
    format: "aedat3",
    maxSide: 1 << 15,
    maxTime: 2 ** 52,
    needsSize: true,
    encode: aedat3("3.0", (y, { height }) => height - 1 - y),
  },
  {
    name: "aedat4 plain",
    format: "aedat4",
    maxSide: 1 << 15,
    maxTime: 2 ** 52,
    encode: throughWriter((size) => new Aedat4Writer({ size, compression: "none" })),
  },
  { name: "aedat4 lz4", format: "aedat4", maxSide: 1 << 15, maxTime: 2 ** 52, encode: throughWriter((size) => new Aedat4Writer({ size })) },
  {
    name: "aedat4 zstd",
    format: "aedat4",
    maxSide: 1 << 15,
    maxTime: 2 ** 52,
    encode: (events, size) => withZstd(throughWriter((sensor) => new Aedat4Writer({ size: sensor, compression: "none" }))(events, size)),
  },
  {
    name: "es dvs",
    format: "es",
    maxSide: 1 << 15,
    maxTime: 1e5,
    encode: (events, size) =>
      Buffer.from([
        ...esHead(1, size),
        ...esBody(
          size,
          events,
          (left) => (left >= 127 ? [0xff, 127] : undefined),
          (step, p) => [(step << 1) | p],
          [],
        ),
      ]),
  },
  {
    name: "es atis",
    format: "es",
    maxSide: 1 << 15,
    maxTime: 1e5,
    encode: (events, size) =>
      Buffer.from([
        ...esHead(2, size),
        ...esBody(
          size,
          events,
          (left) => (left >= 63 ? [0xfc | Math.min(3, Math.floor(left / 63)), 63 * Math.min(3, Math.floor(left / 63))] : undefined),
          (step, p) => [(step << 2) | (p << 1)],
          [],
        ),
      ]),
  },
  {
    name: "es colour",
    format: "es",
    maxSide: 1 << 15,
    maxTime: 1e5,
    onlyOn: true,
    encode: (events, size) =>
      Buffer.from([
        ...esHead(4, size),
        ...esBody(
          size,
          events,
          (left) => (left >= 254 ? [0xff, 254] : undefined),
          (step) => [step],
          [9, 8, 7],
        ),
      ]),
  },
  {
    name: "nmnist",
    format: "nmnist",
    maxSide: 240,
    maxTime: 2 ** 23 - 1,
    needsSize: true,
    encode: (events) => Buffer.from(listOf(events).flatMap(({ t, x, y, p }) => [x, y, (p << 7) | (t >> 16), (t >> 8) & 0xff, t & 0xff])),
  },
  {
    name: "csv",
    format: "csv",
    maxSide: 65535,
    maxTime: 2 ** 52,
    needsSize: true,
    encode: (events) =>
      Buffer.from(
        `t,x,y,p\n${listOf(events)
          .map(({ t, x, y, p }) => `${t},${x},${y},${p}\n`)
          .join("")}`,
      ),
  },
  {
    name: "text of seconds",
    format: "csv",
    maxSide: 65535,
    maxTime: 2 ** 50,
    encode: (events, { width, height }) =>
      Buffer.from(
        `${width} ${height}\n# t x y p\n${listOf(events)
          .map(({ t, x, y, p }) => `${Math.floor(t / 1e6)}.${String(t % 1e6).padStart(6, "0")} ${x} ${y} ${p ? 1 : -1}\n`)
          .join("")}`,
      ),
  },
];
