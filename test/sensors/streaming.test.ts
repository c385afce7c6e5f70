import { spawnSync } from "node:child_process";
import t from "tap";
import { createDecoder } from "../../host/decoders/formats.js";
import { createPointDecoder } from "../../host/decoders/points/formats.js";
import { sensorControl, type SensorOptions } from "../../host/sensors/sensors.js";
import type { Decoder, Drops, Events, PointDecoder, Points } from "../../host/types.js";
import { edvsEvents } from "../decoders/encode-serial.js";
import {
  framesOf, hokuyoAnswer, SERIAL_ENCODINGS, type SerialEncoding, tfminiFrame, TURNED_ENCODINGS,
} from "../decoders/points/encode.js";
import { madeShots } from "../decoders/points/shots.js";
import { Cable } from "../sources/pty.js";
import { Edvs, Hokuyo, Rplidar, type RplidarModel, type SimulatedSensor, Tfmini, Ydlidar } from "./simulated.js";
import { Talk } from "./talk.js";

const HAVE = spawnSync("socat", ["-V"]).status === 0;
const WITH_SOCAT = { skip: HAVE || process.env["CI"] ? false : "socat is not installed" };
const SHOTS = madeShots(4096, 5);
/** Rows that are compared. */
const ROWS = 1000;
const DISTURBED = { bad_checksum: true, bad_frame: true, resync_bytes: true };

type Row = readonly number[];

/** What a decoder makes of bytes, row by row, without times that hang on their arrival. */
class Rows {
  readonly rows: Row[] = [];
  readonly #events: boolean;
  readonly #decoder: Decoder | PointDecoder;
  constructor(readonly format: string) {
    this.#events = format.startsWith("edvs");
    this.#decoder = this.#events ? createDecoder(format) : createPointDecoder(format);
  }

  get drops(): Drops {
    return this.#decoder.drops;
  }

  push(chunk: Uint8Array): this {
    for (const batch of this.#decoder.push(chunk))
      for (let i = 0; i < batch.count; i++)
        this.rows.push(this.#events ? eventRow(batch as Events, i, this.format) : pointRow(batch as Points, i));
    return this;
  }

  /** Where rows begin that are these, from a place on; −1 when they do not. */
  find(wanted: readonly Row[], from: number): number {
    for (let at = from; at + wanted.length <= this.rows.length; at++) if (wanted.every((row, i) => isSame(row, this.rows[at + i]!))) return at;
    return -1;
  }
}

const isSame = (a: Row, b: Row): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
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
  /** What another program told the sensor before, latin1. */
  readonly earlier?: string;
  /** Whether nothing is measured before the stream. */
  readonly first?: false;
  /** Why the decoder drops bytes of answers that are not in its language. */
  readonly disturbs?: readonly string[];
}

const ENCODINGS = [...SERIAL_ENCODINGS, ...TURNED_ENCODINGS];
const encodingOf = (type: number): SerialEncoding => ENCODINGS.find(({ format, head }) => format === "rplidar" && head[6] === type)!;
const rplidarMode = (type: number): RplidarModel["modes"][number] =>
  ({ type, head: encodingOf(type).head, frames: framesOf(encodingOf(type), SHOTS) });
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
  const frames = framesOf(ENCODINGS.find((encoding) => encoding.format === format)!, SHOTS);
  const told = [/model 6, firmware 1\.29/, /^(?!.*health.*health).*good health/];
  return { name: format, format, sensor: () => new Ydlidar(frames), stream: frames, told };
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
  ...(first === 44 ? {} : { first: false as const }),
  ...(scip === 1 ? { disturbs: ["bad_checksum", "resync_bytes"] } : {}),
});

const DISTANCES = SHOTS.slice(0, 500).map(({ mm }) => tfminiFrame(mm, 500));

/** Left streaming by another program: its rest of a frame is no frame of ours. */
const taken = (of: Case, earlier: string): Case => ({
  ...of,
  name: `${of.name}, that another program left streaming`,
  earlier,
  first: false,
  disturbs: ["resync_bytes", "bad_checksum", "bad_frame"],
});

const CASES: readonly Case[] = [
  edvs(0), edvs(1), edvs(2), edvs(3), edvs(4),
  rplidar("RPLIDAR, standard", 0x81),
  rplidar("RPLIDAR, express", 0x82, {}, "rplidar-express"),
  rplidar("RPLIDAR, ultra by asking for its number", 0x84, {}, "rplidar-ultra"),
  rplidar("RPLIDAR, dense by its number", 0x85, { scanMode: 3 }, "rplidar-dense"),
  rplidar("RPLIDAR, ultra-dense by asking", 0x86, { mode: "ultra-dense" }),
  rplidar("RPLIDAR, HQ by asking", 0x83, { mode: "hq" }),
  rplidar("RPLIDAR, what it recommends", 0x84, { mode: "typical" }),
  taken(rplidar("RPLIDAR", 0x85, {}, "rplidar-dense"), "\xa5\xf0\x02\x94\x02\xc1\xa5\x20"),
  taken(ydlidar("ydlidar"), "\xa5\x60"),
  taken(hokuyo("Hokuyo", 44, 725), "MD0100020001000\n"),
  taken(edvs(2), "!E2\nE+\n"),
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

for (const { name, format, options, sensor: make, stream, told, earlier, first = true, silenced = true, disturbs = [] } of CASES)
  t.test(`${name}: silent, told, streaming, silenced`, WITH_SOCAT, async (t) => {
    const cable = new Cable(), sensor = make();
    const talk = await Talk.begin(cable, sensorControl(format, options)!, sensor, earlier);
    t.teardown(async () => {
      await talk.end();
      await cable.dispose();
    });
    const wanted = new Rows(format).push(Buffer.concat(stream)).rows.slice(0, ROWS);
    const given = new Rows(format);
    let pushed = 0, searched = 0, found = -1;
    await talk.until(() => {
      while (pushed < talk.received.length) given.push(talk.received[pushed++]!);
      if (!told.every((line) => line.test(talk.told.join("; ")))) {
        // What was left streaming gives the same rows before it is asked anything.
        if (earlier !== undefined) searched = given.rows.length;
        return false;
      }
      found = given.find(wanted, searched);
      searched = Math.max(searched, given.rows.length - wanted.length + 1);
      return found >= 0;
    });
    if (first) t.equal(found, 0, "the first that is decoded is the first that was measured");
    t.strictSame(Object.keys(given.drops).filter((reason) => reason in DISTURBED && !disturbs.includes(reason)), [], "answers disturb no decoder");
    for (const line of told) t.match(talk.told.join("; "), line);
    if (!silenced) return;
    await talk.stop();
    await talk.until(() => !sensor.streams);
    await talk.untilQuiet();
  });

t.test("RPLIDAR: an A2 turns only by its command", WITH_SOCAT, async (t) => {
  const cable = new Cable(), sensor = new Rplidar(A2);
  const talk = await Talk.begin(cable, sensorControl("rplidar", { motor: "line" })!, sensor);
  t.teardown(async () => {
    await talk.end();
    await cable.dispose();
  });
  await talk.until(() => sensor.understood.at(-1) === "20" && talk.told.join().includes("health"));
  await talk.untilQuiet();
  t.notOk(sensor.streams);
  t.strictSame(sensor.understood, ["25", "50", "52", "20"]);
});

t.test("RPLIDAR: one that protects itself stays silent, and it is told why", WITH_SOCAT, async (t) => {
  const cable = new Cable(), sensor = new Rplidar({ ...A2, health: [2, 0x8001] });
  const talk = await Talk.begin(cable, sensorControl("rplidar-ultra")!, sensor);
  t.teardown(async () => {
    await talk.end();
    await cable.dispose();
  });
  await talk.until(() => sensor.understood.at(-1) === "82");
  await talk.untilQuiet();
  t.notOk(sensor.streams);
  t.match(talk.told.join("; "), /stopped to protect itself, code 32769: cut its power/);
});
