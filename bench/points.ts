import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createDecoder } from "../host/decoders/formats.js";
import { CaptureReader } from "../host/decoders/network/capture.js";
import { CapturedDecoder } from "../host/decoders/network/captured.js";
import { UdpReader } from "../host/decoders/network/udp.js";
import { createPointDecoder } from "../host/decoders/points/formats.js";
import { SaccadeError } from "../host/errors.js";
import { packageRoot } from "../host/root.js";
import type { PointDecoder } from "../host/types.js";
import { edvsEvents, evr1Packets, evtstreamPackets } from "../test/decoders/encode-serial.js";
import { SERIAL_ENCODINGS, type SerialEncoding, streamOf, TURNED_ENCODINGS } from "../test/decoders/points/encode.js";
import { realShots, type Shot } from "../test/decoders/points/shots.js";
import { figure, type Result, type Settings } from "./result.js";
import { inRounds, type Runner } from "./rounds.js";

/** One way of sending, and the most that a sensor of the kind sends, a second. */
interface Case {
  readonly name: string;
  readonly unit: "points" | "events";
  readonly sensorRate: number;
  readonly bytes: number;
  /** @returns points or events */
  run(): number;
}

const DATA = new URL("../shared/data/", packageRoot);
const SCANS = "lidar/scans2d/exp1.dat", TURNS = 200, SERIAL_CHUNK = 4096, EVENTS = 100_000;

const path = (name: string): string => fileURLToPath(new URL(name, DATA));
async function load(name: string): Promise<Buffer> {
  return readFile(path(name)).catch((cause: unknown) => {
    throw new SaccadeError("FILE_NOT_FOUND", `there is no recording ${path(name)}`, "put the shared recordings there", { cause });
  });
}

/**
 * Decoding of what LiDARs and serial event cameras send, all checks on, from memory: real scans of a room written in each serial format, in
 * chunks as a port gives them; recorded datagrams of a network, with and without the capture file around them.
 * @throws SaccadeError FILE_NOT_FOUND without the shared recordings
 */
export async function pointsBench({ rounds }: Settings): Promise<Result> {
  await load(SCANS);
  const cases = [...serialCases(realShots(path(SCANS), TURNS)), ...(await packetCases()), ...eventCases()];
  const counts = cases.map((item) => item.run());
  const runners = cases.map(({ name, run }): Runner => ({
    name,
    run: (n) => {
      const start = process.hrtime.bigint();
      for (let i = 0; i < n; i++) run();
      return Number(process.hrtime.bigint() - start) / 1e9;
    },
  }));
  const timings = await inRounds(runners, rounds);
  const rows = cases.map(({ name, unit, sensorRate, bytes }, i) => {
    const { median } = timings[i]!, rate = counts[i]! / median;
    return {
      name,
      unit,
      count: counts[i]!,
      millions_per_second: rate / 1e6,
      megabytes_per_second: bytes / median / 1e6,
      times_sensor: rate / sensorRate,
    };
  });
  return {
    tables: [{
      title: "points and serial events, all checks on",
      rows: [
        ["stream", "", "M/s", "MB/s", "times its sensor"],
        ...rows.map(({ name, unit, millions_per_second: millions, megabytes_per_second: megabytes, times_sensor: times }) =>
          [name, unit, figure(millions), Math.round(megabytes), Math.round(times)]),
      ],
    }],
    figures: { rows },
    marks: [],
  };
}

/** Points a second that the fastest sensor of a kind sends. */
const RATES: Readonly<Record<string, number>> = {
  ld06: 4500,
  stl27l: 21600,
  ydlidar: 8000,
  "ydlidar-intensity": 18000,
  "ydlidar-tof": 20000,
  rplidar: 32000,
};

function serialCases(shots: readonly Shot[]): Case[] {
  return [...SERIAL_ENCODINGS, ...TURNED_ENCODINGS].map((encoding: SerialEncoding) => {
    const bytes = streamOf(encoding, shots);
    const name = encoding.format === "rplidar" ? `rplidar, ${encoding.frameBytes} bytes for ${encoding.shots}` : encoding.format;
    const run = (): number => count(createPointDecoder(encoding.format), chunksOf(bytes));
    return { name, unit: "points", sensorRate: RATES[encoding.format]!, bytes: bytes.length, run };
  });
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SERIAL_CHUNK) yield bytes.subarray(at, at + SERIAL_CHUNK);
}

function count(decoder: PointDecoder, chunks: Iterable<Uint8Array>): number {
  let points = 0;
  for (const chunk of chunks) for (const batch of decoder.push(chunk)) points += batch.count;
  for (const batch of decoder.end()) points += batch.count;
  return points;
}

const PACKETS: readonly { readonly format: string; readonly file: string; readonly sensorRate: number }[] = [
  { format: "velodyne", file: "velodyne-vlp16/vlp16_derived.pcap", sensorRate: 600_000 },
  { format: "hesai", file: "hesai-xt32/xt32_derived.pcap", sensorRate: 1_280_000 },
  { format: "ouster", file: "ouster/OS-2-32-U0_v2.0.0_1024x10.pcap", sensorRate: 655_360 },
  { format: "ouster", file: "ouster/OS-0-128-U1_v2.3.0_1024x10.pcap", sensorRate: 2_621_440 },
];

async function packetCases(): Promise<Case[]> {
  const cases: Case[] = [];
  for (const { format, file, sensorRate } of PACKETS) {
    const capture = await load(`lidar/packets/${file}`), name = file.split("/")[1]!.split(/[._]/)[0]!;
    const sensorInfo = format === "ouster" ? (await load(`lidar/packets/${file.replace(".pcap", ".json")}`)).toString() : undefined;
    const datagrams = datagramsOf(capture), bytes = datagrams.reduce((sum, { length }) => sum + length, 0);
    const fromMemory = (): number => count(createPointDecoder(format, { sensorInfo }), datagrams);
    cases.push({ name: `${format} ${name}`, unit: "points", sensorRate, bytes, run: fromMemory });
    const fromFile = (): number => {
      const decoder = new CapturedDecoder(createPointDecoder(format, { sensorInfo }));
      let points = 0;
      for (const batch of decoder.push(capture)) points += batch.count;
      return points;
    };
    cases.push({ name: `${format} ${name}, pcap`, unit: "points", sensorRate, bytes: capture.length, run: fromFile });
  }
  return cases;
}

function datagramsOf(capture: Uint8Array): Uint8Array[] {
  const udp = new UdpReader({}), datagrams: Uint8Array[] = [];
  for (const { bytes, link, arrival } of new CaptureReader({}).push(capture)) {
    const datagram = udp.read(bytes, link, arrival);
    if (datagram !== undefined) datagrams.push(Uint8Array.from(datagram.payload));
  }
  return datagrams;
}

function eventCases(): Case[] {
  const columns = {
    t: Array.from({ length: EVENTS }, (_, i) => 3 * i),
    x: Array.from({ length: EVENTS }, (_, i) => (i * 31) & 127),
    y: Array.from({ length: EVENTS }, (_, i) => (i * 17) & 127),
    p: Array.from({ length: EVENTS }, (_, i) => (i >> 3) & 1),
  };
  const streams: readonly (readonly [name: string, format: string, sensorRate: number, bytes: Buffer])[] = [
    ...([0, 1, 2, 4] as const).map(
      (kind) => [`edvs-e${kind}`, `edvs-e${kind}`, 600_000, Buffer.concat(edvsEvents(kind, columns))] as const,
    ),
    ["openmv, EVR1", "openmv", 3_200_000, Buffer.concat(evr1Packets(columns))],
    ["openmv, evtstream", "openmv", 3_200_000, Buffer.concat(evtstreamPackets(columns))],
  ];
  return streams.map(([name, format, sensorRate, bytes]) => ({
    name,
    unit: "events",
    sensorRate,
    bytes: bytes.length,
    run: () => {
      const decoder = createDecoder(format);
      let events = 0;
      for (const chunk of chunksOf(bytes)) for (const batch of decoder.push(chunk)) events += batch.count;
      for (const batch of decoder.end()) events += batch.count;
      return events;
    },
  }));
}
