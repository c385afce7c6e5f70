import { readFile } from "node:fs/promises";
import t from "tap";
import { createPointDecoder } from "../../../host/decoders/points/formats.js";
import { RplidarDecoder } from "../../../host/decoders/points/rplidar.js";
import { needs, sharedData } from "../../data.js";
import { type Collected, collect, cut, polar } from "./collect.js";
import { hokuyoAnswer, SERIAL_ENCODINGS, type SerialEncoding, streamOf, tfminiFrame, TURNED_ENCODINGS } from "./encode.js";
import { realShots, type Shot } from "./shots.js";

const SCANS = "lidar/scans2d/exp1.dat", FIXTURES = "lidar/serial/serial_fixtures.json";
const decode = (format: string, bytes: Uint8Array, lengths: readonly number[] = [1000]): Collected =>
  collect(createPointDecoder(format), cut(bytes, lengths));

interface Fixtures {
  readonly ldlidar: readonly {
    readonly hex: string;
    readonly start_deg?: number;
    readonly end_deg?: number;
    readonly timestamp_ms?: number;
    readonly first_point?: { readonly mm: number; readonly confidence: number };
  }[];
  readonly ydlidar_intensity: readonly {
    readonly hex: string;
    readonly samples: number;
    readonly first_deg: number;
    readonly last_deg: number;
  }[];
  readonly rplidar: readonly { readonly name: string; readonly descriptor?: string; readonly payload_bytes?: number }[];
}
const fixtures = async (): Promise<Fixtures> => JSON.parse(await readFile(sharedData(FIXTURES)!, "utf8")) as Fixtures;

t.test("LD06 and LD19: frames of the manual and of a real sensor", needs(FIXTURES), async (t) => {
  const [manual, real] = (await fixtures()).ldlidar;
  const points = decode("ld06", Buffer.from(manual!.hex, "hex"));
  t.equal(points.t.length, 12);
  t.strictSame({ mm: Math.round(polar(points, 0).mm), confidence: points.intensity[0] }, manual!.first_point);
  t.ok(Math.abs(polar(points, 0).degrees - manual!.start_deg!) < 0.02);
  t.ok(Math.abs(polar(points, 11).degrees - manual!.end_deg!) < 0.02);
  t.equal(points.t[11], 1000 * manual!.timestamp_ms!, "the last point's time is the frame's");
  t.equal(points.t[0], Math.round(1000 * manual!.timestamp_ms! - (11 * 1e6) / 4500));
  t.strictSame(points.drops, {});
  const seen = decode("ld06", Buffer.from(real!.hex, "hex"));
  t.strictSame([seen.drops, seen.t.length], [{ no_return: 12 }, 0], "that one saw nothing");
});

t.test("YDLIDAR with intensities: packets of a real sensor", needs(FIXTURES), async (t) => {
  for (const { hex, samples, first_deg: first, last_deg: last } of (await fixtures()).ydlidar_intensity) {
    const points = decode("ydlidar-intensity", Buffer.from(hex, "hex"));
    t.equal(points.t.length + (points.drops["no_return"] ?? 0), samples);
    t.notOk("bad_checksum" in points.drops);
    // The triangulating beam is turned by its distance: without that, the angles are those of the packet.
    const bare = (i: number): number => {
      const { mm, degrees } = polar(points, i);
      return degrees - (Math.atan((21.8 * (155.3 - mm)) / (155.3 * mm)) * 180) / Math.PI;
    };
    t.ok(Math.abs(bare(0) - first) < 0.05, `${bare(0)} first`);
    t.ok(Math.abs(bare(points.t.length - 1) - last) < 0.05, `${bare(points.t.length - 1)} last`);
  }
});

t.test("RPLIDAR: answers of the protocol are understood", needs(FIXTURES), async (t) => {
  for (const { name, descriptor, payload_bytes: bytes } of (await fixtures()).rplidar) {
    if (descriptor === undefined) continue;
    const streams = descriptor.slice(10, 12) === "40";
    const points = decode("rplidar", Buffer.concat([Buffer.from(descriptor, "hex"), Buffer.alloc(streams ? 0 : bytes!)]), [3]);
    t.strictSame(points.drops, { reply: 1 }, name);
  }
  const decoder = new RplidarDecoder(undefined, {});
  const serial = Buffer.from("00112233445566778899aabbccddeeff", "hex");
  const info = Buffer.concat([Buffer.from("a55a1400000004", "hex"), Buffer.from([24, 29, 1, 7]), serial]);
  collect(decoder, cut(Buffer.concat([info, Buffer.from("a55a0300000006010200", "hex")]), [5]));
  t.strictSame(decoder.info, { model: 24, firmware: [1, 29], hardware: 7, serial: serial.toString("hex") });
  t.strictSame(decoder.health, { status: "warning", code: 2 });
});

/** The shots that a decoder gives: those that saw something, of whole frames. */
function expected({ shots }: SerialEncoding, all: readonly Shot[]): Shot[] {
  return all.slice(0, Math.floor(all.length / shots) * shots).filter(({ mm }) => mm > 0);
}

const apart = (a: number, b: number): number => Math.abs(((a - b + 540) % 360) - 180);

for (const encoding of SERIAL_ENCODINGS)
  t.test(`${encoding.format}, ${encoding.frameBytes} bytes a frame: real scans go round`, needs(SCANS), async (t) => {
    const shots = realShots(sharedData(SCANS)!, 24), wanted = expected(encoding, shots);
    const points = decode(encoding.format, streamOf(encoding, shots));
    t.equal(points.t.length, wanted.length, "points");
    let worstMm = 0, worstAngle = 0, strange = 0;
    wanted.forEach((shot, i) => {
      const { mm, degrees } = polar(points, i);
      worstMm = Math.max(worstMm, Math.abs(mm - shot.mm) - encoding.mm(shot));
      // A tenth of a mm across the beam is an angle too.
      worstAngle = Math.max(worstAngle, apart(degrees, shot.degrees) - encoding.degrees - (0.1 / shot.mm) * (180 / Math.PI));
      if (points.intensity[i] !== encoding.intensity(shot.intensity)) strange++;
    });
    t.ok(worstMm <= 0.08, `distance ${worstMm} mm beyond the format's steps`);
    t.ok(worstAngle <= 1e-3, `angle ${worstAngle}° beyond the format's steps`);
    t.equal(strange, 0, "intensities");
    t.equal(points.ends.length, 23, "turns that are over");
    t.ok(points.t.every((time, i) => i === 0 || time >= points.t[i - 1]!), "times do not fall");
    t.notOk("resync_bytes" in points.drops);
  });

for (const encoding of TURNED_ENCODINGS)
  t.test(`${encoding.format}, ${encoding.frameBytes} bytes a frame: distances of real scans go round`, needs(SCANS), async (t) => {
    const shots = realShots(sharedData(SCANS)!, 24).map((shot) => ({ ...shot, mm: shot.mm === 0 ? 0 : Math.max(200, shot.mm) }));
    const points = decode(encoding.format, streamOf(encoding, shots));
    const whole = Math.floor(shots.length / encoding.shots) * encoding.shots;
    t.equal(points.t.length + (points.drops["no_return"] ?? 0) + (points.drops["next_lost"] ?? 0), whole, "all accounted for");
      // Shots whose difference does not fit read as nothing seen: follow by angle.
    let at = 0, missing = 0;
    for (const shot of expected(encoding, shots)) {
      const beam = at < points.t.length ? polar(points, at) : undefined;
      if (beam !== undefined && Math.abs(beam.mm - shot.mm) <= encoding.mm(shot) + 0.08) at++;
      else missing++;
    }
    t.equal(at, points.t.length, "every point is one of the shots, in order");
    t.ok(missing < whole / 50, `${missing} of ${whole} did not fit`);
    t.ok(points.ends.length === 23, `${points.ends.length} turns`);
  });

t.test("YDLIDAR and RPLIDAR ultra: beams are turned by their distance", async (t) => {
  const ring = Array.from({ length: 400 }, (_, i): Shot => ({ mm: 1000, degrees: i * 0.5, intensity: 0 }));
  const yd = decode("ydlidar", streamOf(TURNED_ENCODINGS[0]!, ring));
  t.ok(Math.abs(polar(yd, 0).degrees - (360 - 6.77)) < 0.02, `${polar(yd, 0).degrees}`);
  const ultra = decode("rplidar", streamOf(TURNED_ENCODINGS[2]!, ring));
  // 98361 / 4000 → 24: 8° less 24·64 / 65536 radians.
  t.ok(Math.abs(polar(ultra, 20).degrees - (10 - (8 - (1536 / 65536) * (180 / Math.PI)))) < 0.02, `${polar(ultra, 20).degrees}`);
});

t.test("RPLIDAR express: each beam may lie behind its even place", async (t) => {
  const encoding = SERIAL_ENCODINGS.find(({ frameBytes, shots }) => frameBytes === 84 && shots === 32)!;
  const ring = Array.from({ length: 96 }, (_, i): Shot => ({ mm: 2000, degrees: 90 + i, intensity: 0 }));
  const frames = Buffer.from(streamOf(encoding, ring));
  // Sample 0 by 5/8°: the nibble; sample 1 by 17/8°: nibble 1, and 1 in the distance's low bits.
  const at = 7 + 4;
  frames[at + 2]! |= 1;
  frames[at + 4] = 5 | (1 << 4);
  const sum = frames.subarray(7 + 2, 7 + 84).reduce((xor, byte) => xor ^ byte, 0);
  frames[7] = 0xa0 | (sum & 15);
  frames[8] = 0x50 | (sum >> 4);
  const points = decode("rplidar", frames);
  t.equal(points.t.length, 96, "the last capsule too, at the rate of the one before");
  t.ok(Math.abs(polar(points, 0).degrees - (90 - 5 / 8)) < 0.01);
  t.ok(Math.abs(polar(points, 1).degrees - (91 - 17 / 8)) < 0.01);
  t.ok(Math.abs(polar(points, 95).degrees - 185) < 0.01);
});

t.test("Hokuyo: real scans, an answer each; angles by PP", needs(SCANS), async (t) => {
  const scans = 5, shots = realShots(sharedData(SCANS)!, scans);
  const rows = Array.from({ length: scans }, (_, k) => shots.slice(k * 1024, k * 1024 + 682).map(({ mm }) => mm));
  const assent = "MD0044072501000\n00P\n\n";
  const bytes = Buffer.concat([Buffer.from(assent), ...rows.map((row, k) => hokuyoAnswer(2 ** 24 - 200 + 100 * k, row))]);
  const points = decode("hokuyo", bytes, [11]);
  const beam = (mm: number, i: number): { mm: number; degrees: number } => ({ mm, degrees: (((384 - 44 - i) * 360) / 1024 + 360) % 360 });
  const seen = rows.map((row) => row.map(beam).filter(({ mm }) => mm >= 20 && mm <= 5600));
  t.strictSame(points.ends, seen.map((_, k) => seen.slice(0, k + 1).flat().length));
  const inPlace = seen.flat().every(({ mm, degrees }, i) => {
    const found = polar(points, i);
    return Math.abs(found.mm - mm) <= 0.08 && apart(found.degrees, degrees) <= 6 / mm + 1e-3;
  });
  t.ok(inPlace, "all in place");
  t.equal(points.t[points.ends[2]!]! - points.t[0]! >= 299_000, true, "time goes on where it wraps");
  t.equal(points.drops["reply"], 1);
  const sensor = ["MODL:UTM-30LX;", "DMIN:23;", "DMAX:60000;", "ARES:1440;", "AMIN:0;", "AMAX:1080;", "AFRT:540;", "SCAN:2400;"];
  const total = (text: string): number => [...text].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const lines = sensor.map((line) => line + String.fromCharCode((total(line.slice(0, -1)) & 0x3f) + 0x30));
  const told = Buffer.from(`PP\n00P\n${lines.join("\n")}\n\n`);
  const wide = decode("hokuyo", Buffer.concat([told, hokuyoAnswer(0, [30000], 180)]));
  t.ok(Math.abs(polar(wide, 0).degrees - 90) < 1e-3, "a quarter turn to the right");
  t.equal(Math.round(polar(wide, 0).mm), 30000);
});

t.test("TFmini: one distance ahead, in cm or mm; weak and saturated ones are not seen", async (t) => {
  const bytes = Buffer.concat([tfminiFrame(123, 500), tfminiFrame(77, 99), tfminiFrame(77, 65535), tfminiFrame(1200, 100)]);
  const points = decode("tfmini", bytes, [4]);
  t.strictSame([points.x, points.y, points.z, points.intensity], [[12300, 120000], [0, 0], [0, 0], [500, 100]]);
  t.strictSame(points.drops, { no_return: 2 });
  t.strictSame(decode("tfmini-mm", bytes).x, [1230, 12000]);
});
