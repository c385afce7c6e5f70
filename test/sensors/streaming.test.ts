import { spawnSync } from "node:child_process";
import { isDeepStrictEqual } from "node:util";
import t from "tap";
import { createDecoder } from "../../host/decoders/formats.js";
import { createPointDecoder } from "../../host/decoders/points/formats.js";
import { sensorControl, type SensorOptions } from "../../host/sensors/sensors.js";
import type { Events, Points } from "../../host/types.js";
import { edvsEvents } from "../decoders/encode-serial.js";
import {
  framesOf, hokuyoAnswer, SERIAL_ENCODINGS, type SerialEncoding, tfminiFrame, TURNED_ENCODINGS,
} from "../decoders/points/encode.js";
import { madeShots } from "../decoders/points/shots.js";
import { Cable } from "../sources/pty.js";
import { Edvs, Hokuyo, Rplidar, type RplidarModel, type SimulatedSensor, Tfmini, Ydlidar } from "./simulated.js";
import { Talk } from "./talk.js";

const HAVE = spawnSync("socat", ["-V"]).status === 0;
const skip = HAVE || process.env["CI"] ? false : "socat is not installed";
const SHOTS = madeShots(4096, 5);
/** Rows that are compared, those by which their begin is found, and bytes that they are in at least. */
const ROWS = 1000, MARKED_ROWS = 8, STREAM_BYTES = 10_000;
const DISTURBED = { bad_checksum: true, bad_frame: true, resync_bytes: true };

type Row = readonly number[];

/** What a decoder makes of bytes, row by row, without times that hang on their arrival; and what it dropped. */
function decode(format: string, chunks: readonly Uint8Array[]): { readonly rows: Row[]; readonly drops: Record<string, number> } {
  const rows: Row[] = [];
  const events = format.startsWith("edvs");
  const decoder = events ? createDecoder(format) : createPointDecoder(format);
  for (const chunk of chunks)
    for (const batch of decoder.push(chunk))
      for (let i = 0; i < batch.count; i++) rows.push(events ? eventRow(batch as Events, i, format) : pointRow(batch as Points, i));
  return { rows, drops: decoder.drops };
}

const eventRow = ({ t, x, y, p }: Events, i: number, format: string): Row => [format === "edvs-e0" ? 0 : t[i]!, x[i]!, y[i]!, p[i]!];
const pointRow = ({ x, y, z, intensity }: Points, i: number): Row => [x[i]!, y[i]!, z[i]!, intensity[i]!];

interface Case {
  readonly name: string;
  readonly format: string;
  readonly options?: SensorOptions;
  readonly sensor: () => SimulatedSensor;
  /** What the sensor streams, answers left out. */
  readonly stream: readonly Uint8Array[];
  /** Part of what is told to people. */
  readonly told: readonly RegExp[];
  readonly silenced?: false;
  /** Why the decoder drops bytes of answers that are not in its language. */
  readonly disturbs?: readonly string[];
}

const encodingOf = (type: number): SerialEncoding => [...SERIAL_ENCODINGS, ...TURNED_ENCODINGS].find(({ format, head }) => format === "rplidar" && head[6] === type)!;
const rplidarMode = (type: number): RplidarModel["modes"][number] => ({ type, head: encodingOf(type).head, frames: framesOf(encodingOf(type), SHOTS) });
/** As an A2 has them, and more. */
const A2: RplidarModel = { modes: [0x81, 0x82, 0x84, 0x85, 0x86, 0x83].map(rplidarMode), typical: 2, board: true };
const rplidar = (name: string, type: number, options: SensorOptions = {}, format = "rplidar"): Case => ({
  name,
  format,
  options,
  sensor: () => new Rplidar(A2),
  stream: [encodingOf(type).head, ...framesOf(encodingOf(type), SHOTS)],
  told: [/model 40, firmware 1\.29, hardware 7, serial 00112233/, /good health/, new RegExp(`measures in mode`)],
});

const ydlidar = (format: string): Case => {
  const frames = framesOf([...SERIAL_ENCODINGS, ...TURNED_ENCODINGS].find((encoding) => encoding.format === format)!, SHOTS);
  return { name: format, format, sensor: () => new Ydlidar(frames), stream: frames, told: [/model 6, firmware 1\.29/, /^(?!.*health.*health).*good health/] };
};

const TIMES = Array.from({ length: 5000 }, (_, i) => 37 * i);
const EVENTS = { t: TIMES, x: TIMES.map((_, i) => (i * 7) % 128), y: TIMES.map((_, i) => (i * 3) % 128), p: TIMES.map((_, i) => i & 1) };
const edvs = (format: 0 | 1 | 2 | 3 | 4): Case => ({
  name: `eDVS E${format}`,
  format: `edvs-e${format}`,
  sensor: () => new Edvs((asked) => edvsEvents(asked as 0 | 1 | 2 | 3 | 4, EVENTS)),
  stream: edvsEvents(format, EVENTS),
  told: [/^eDVS: EDVS-4337, RELEASE V1\.3/],
});

const scans = (first: number, last: number): Buffer[] => [0, 1, 2, 3].map((k) =>
  hokuyoAnswer(100 * k, SHOTS.slice(0, last - first + 1).map(({ mm }) => mm + k), first));
const hokuyo = (name: string, first: number, last: number, scip = 2): Case => ({
  name,
  format: "hokuyo",
  sensor: () => new Hokuyo(first, last, scans, scip),
  stream: scans(first, last),
  told: [/firmware 3\.1\.00\(18\/Jan\.\/2007\), SCIP 2\.0, serial H0614967/, new RegExp(`URG-04LX.*steps ${first} to ${last}`)],
  ...(scip === 1 ? { disturbs: ["bad_checksum", "resync_bytes"] } : {}),
});

const DISTANCES = SHOTS.slice(0, 500).map(({ mm }) => tfminiFrame(mm, 500));

const CASES: readonly Case[] = [
  edvs(0), edvs(1), edvs(2), edvs(3), edvs(4),
  rplidar("RPLIDAR, standard", 0x81),
  rplidar("RPLIDAR, express", 0x82, {}, "rplidar-express"),
  rplidar("RPLIDAR, ultra by asking for its number", 0x84, {}, "rplidar-ultra"),
  rplidar("RPLIDAR, dense by its number", 0x85, { scanMode: 3 }, "rplidar-dense"),
  rplidar("RPLIDAR, ultra-dense by asking", 0x86, { mode: "ultra-dense" }),
  rplidar("RPLIDAR, HQ by asking", 0x83, { mode: "hq" }),
  rplidar("RPLIDAR, what it recommends", 0x84, { mode: "typical" }),
  ydlidar("ydlidar"), ydlidar("ydlidar-intensity"), ydlidar("ydlidar-tof"),
  hokuyo("Hokuyo, a URG-04LX", 44, 725),
  hokuyo("Hokuyo, a URG-04LX in SCIP 1.1", 44, 725, 1),
  hokuyo("Hokuyo, with a range of its own", 0, 768),
  {
    name: "TFmini Plus in mm",
    format: "tfmini-mm",
    sensor: () => new Tfmini((unit) => (unit === 6 ? DISTANCES : [])),
    stream: DISTANCES,
    told: [/^TFmini firmware 3\.2\.1$/],
    disturbs: ["resync_bytes"],
    silenced: false,
  },
];

for (const { name, format, options, sensor: make, stream, told, silenced = true, disturbs = [] } of CASES)
  t.test(`${name}: silent, told, streaming, silenced`, { skip }, async (t) => {
    const cable = new Cable(), sensor = make();
    const talk = await Talk.begin(cable, sensorControl(format, options)!, sensor);
    t.teardown(async () => {
      await talk.end();
      await cable.dispose();
    });
    const wanted = decode(format, stream).rows.slice(0, ROWS);
    // A Hokuyo begins with the range of the smallest.
    const begins = (rows: readonly Row[]): number => rows.findIndex((_, i) => isDeepStrictEqual(rows.slice(i, i + MARKED_ROWS), wanted.slice(0, MARKED_ROWS)));
    const given = (): Row[] => {
      const { rows } = decode(format, talk.received), from = begins(rows);
      return from < 0 ? [] : rows.slice(from, from + wanted.length);
    };
    await talk.until(() => talk.bytes > STREAM_BYTES && given().length === wanted.length);
    t.strictSame(given(), wanted, "what the decoder gives is what the sensor measured");
    const { drops } = decode(format, talk.received);
    t.strictSame(Object.keys(drops).filter((reason) => reason in DISTURBED && !disturbs.includes(reason)), [], "answers between disturb no decoder");
    for (const line of told) t.match(talk.told.join("; "), line);
    if (!silenced) return;
    await talk.stop();
    t.notOk(sensor.streams, "the sensor has stopped");
    t.ok(await talk.isQuiet(), "nothing comes any more");
  });
