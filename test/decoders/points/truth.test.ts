import { createHash, type Hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import t from "tap";
import { CaptureReader } from "../../../host/decoders/network/capture.js";
import { CapturedDecoder } from "../../../host/decoders/network/captured.js";
import { UdpReader } from "../../../host/decoders/network/udp.js";
import { createPointDecoder } from "../../../host/decoders/points/formats.js";
import { OusterPackets } from "../../../host/decoders/points/ouster.js";
import { readOusterInfo } from "../../../host/decoders/points/ouster-info.js";
import type { PointDecoder } from "../../../host/types.js";
import { needs, sharedData } from "../../data.js";
import { type Collected, collect, cut, polar } from "./collect.js";
import { XT32_CALIBRATION } from "./xt32-calibration.js";

const FOLDER = "lidar/packets";
const load = (path: string): Promise<Buffer> => readFile(sharedData(`${FOLDER}/${path}`)!);
const decode = (decoder: PointDecoder, capture: Uint8Array): Collected => collect(new CapturedDecoder(decoder), cut(capture, [70_000]));

/** The rows of a binary PCD file, and the bytes of one. */
function rowsOf(pcd: Buffer): { readonly rows: DataView; readonly count: number; readonly bytes: number } {
  const mark = "DATA binary\n", at = pcd.indexOf(mark) + mark.length;
  const count = Number(/^POINTS (\d+)$/m.exec(pcd.toString("latin1", 0, at))![1]);
  return { rows: new DataView(pcd.buffer, pcd.byteOffset + at), count, bytes: (pcd.length - at) / count };
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

/** The truth does not go on turning within the last block of a packet, the sensor does: by so much. */
const LAST_BLOCK_DEGREES = 0.45;
/** Points in which the first firing of the turn after ends. */
const NEXT_FIRING = 34;
/** From this laser on, the calibration's azimuths are negative. */
const FIRST_TURNED_BACK = 13;

/** mm between point i and a place in metres. */
const error = ({ x, y, z }: Collected, i: number, place: readonly number[]): number =>
  Math.hypot(x[i]! / 10 - place[0]! * 1000, y[i]! / 10 - place[1]! * 1000, z[i]! / 10 - place[2]! * 1000);

t.test("Velodyne VLP-16, dual return: the points of the given turn", needs(FOLDER), async (t) => {
  const points = decode(createPointDecoder("velodyne"), await load("velodyne-vlp16/vlp16_derived.pcap"));
  const { rows, count, bytes } = rowsOf(await load("velodyne-vlp16/1673400472138016708.pcd"));
  t.equal(count, 14831);
  const [from, to] = [points.ends[2]!, points.ends[3]!];
  // The same point: of the same laser, at the same distance, as bright, and where the sensor looked at that time.
  const key = (channel: number, millimetres: number, intensity: number): string => `${channel} ${millimetres} ${intensity}`;
  const known = new Map<string, number[]>();
  for (let i = from; i < to; i++) {
    // Channels there count from the lowest beam.
    const channel = points.ring[i]! % 2 === 0 ? points.ring[i]! / 2 : (points.ring[i]! - 1) / 2 + 8;
    const at = key(channel, Math.round(Math.hypot(points.x[i]!, points.y[i]!, points.z[i]!) / 20) * 2, points.intensity[i]!);
    known.set(at, [...(known.get(at) ?? []), i]);
  }
  const errors: number[] = [];
  let strange = 0;
  for (let row = 0; row < count; row++) {
    const at = row * bytes, azimuth = rows.getFloat32(at + 16, true), millimetres = Math.round(rows.getFloat32(at + 24, true) * 1000);
    const aside = (i: number): number => Math.abs(((polar(points, i).degrees - (azimuth * 180) / Math.PI + 540) % 360) - 180);
    const alike = known.get(key(rows.getUint16(at + 14, true), millimetres, rows.getUint8(at + 12))) ?? [];
    const [i] = alike.filter((k) => aside(k) < LAST_BLOCK_DEGREES).sort((a, b) => aside(a) - aside(b));
    if (i === undefined) strange++;
    else errors.push(error(points, i, [0, 4, 8].map((offset) => rows.getFloat32(at + offset, true))));
  }
  t.comment(`${errors.length} of ${count} found, median error ${median(errors).toFixed(3)} mm`);
  t.ok(errors.length > 0.99 * count, `${strange} not found`);
  t.ok(median(errors) <= 1, `median error ${median(errors)} mm`);
  t.equal(points.ends.length, 4, "turns that are over");
});

t.test("Hesai XT32, dual return: all points of the given turn, in order", needs(FOLDER), async (t) => {
  const points = decode(
    createPointDecoder("hesai", { sensorInfo: XT32_CALIBRATION }),
    await load("hesai-xt32/xt32_derived.pcap"),
  );
  const { rows, count, bytes } = rowsOf(await load("hesai-xt32/1673400678101968885.pcd"));
  const [from, to] = [points.ends[2]!, points.ends[3]!];
  // Its y is ahead and its x to the right. A turn there begins at azimuth 0 of each laser, here of the sensor: a few points at either end
  // fall into the turn beside it. Of one firing it gives all returns of a laser, then those of the next.
  const firing: number[] = [], theirs: number[] = [];
  for (let i = from, firings = 0; i < to + NEXT_FIRING; i++) {
    if (i > from && points.echo[i] === 0 && (points.echo[i - 1] === 1 || points.ring[i]! < points.ring[i - 1]!)) firings++;
    firing[i] = firings;
    const ofTurnBefore = points.ring[i]! >= FIRST_TURNED_BACK;
    if ((firings > 0 && i < to) || ofTurnBefore === i >= to) theirs.push(i);
  }
  const order = theirs.sort((a, b) => firing[a]! - firing[b]! || points.ring[a]! - points.ring[b]! || points.echo[a]! - points.echo[b]!);
  t.equal(order.length, count, "as many points");
  const errors = order.map((i, row) => {
    const place = [0, 4, 8].map((offset) => rows.getFloat32(row * bytes + offset, true));
    return error(points, i, [place[1]!, -place[0]!, place[2]!]);
  });
  t.comment(`median error ${median(errors).toFixed(3)} mm, largest ${Math.max(...errors).toFixed(3)} mm`);
  t.ok(Math.max(...errors) <= 1, `largest error ${Math.max(...errors)} mm`);
});

const OUSTERS = [
  { name: "OS-2-32-U0_v2.0.0_1024x10", points: 28541 },
  { name: "OS-0-128-U1_v2.3.0_1024x10", points: 97299 },
];
interface GivenDigests {
  readonly packet_hash: Readonly<Record<string, string>>;
  readonly scans: readonly Readonly<Record<string, string>>[];
}

for (const { name, points } of OUSTERS)
  t.test(`Ouster ${name}: fields have the given digests`, needs(FOLDER), async (t) => {
    const given = JSON.parse((await load(`ouster/${name}_digest.json`)).toString()) as GivenDigests;
    const text = (await load(`ouster/${name}.json`)).toString(), info = readOusterInfo(text);
    const packets = new OusterPackets(info), capture = await load(`ouster/${name}.pcap`);
    const fields = ["TIMESTAMP", "MEASUREMENT_ID", "STATUS", "RANGE", "REFLECTIVITY"] as const;
    const hashes = Object.fromEntries(fields.map((field) => [field, createHash("md5")])) as Record<(typeof fields)[number], Hash>;
    // The digests are of pixels row by row, in the widths that the packet has them.
    const byRow = (values: ArrayLike<number>): number[] => {
      const { columnsPerPacket, pixels } = info;
      return Array.from({ length: columnsPerPacket * pixels }, (_, i) => values[(i % columnsPerPacket) * pixels + Math.floor(i / columnsPerPacket)]!);
    };
    const udp = new UdpReader({}), drops = {}, seen = new Set<number>();
    for (const { bytes, link, arrival } of new CaptureReader(drops).push(capture)) {
      const payload = udp.read(bytes, link, arrival)?.payload;
      if (payload === undefined || !packets.read(new DataView(payload.buffer, payload.byteOffset, payload.byteLength))) continue;
      const { timestamps, measurements, frames, status, ranges, reflectivities } = packets.columns;
      hashes.TIMESTAMP.update(timestamps);
      hashes.MEASUREMENT_ID.update(measurements);
      seen.add(frames[0]!);
      hashes.STATUS.update(status);
      hashes.RANGE.update(Uint32Array.from(byRow(ranges[0]!)));
      hashes.REFLECTIVITY.update(Uint8Array.from(byRow(reflectivities[0]!)));
    }
    const found = Object.fromEntries(fields.map((field) => [field, hashes[field].digest("hex")]));
    t.strictSame(found, Object.fromEntries(fields.map((field) => [field, given.packet_hash[field]])));
    const decoded = decode(createPointDecoder("ouster", { sensorInfo: text }), capture);
    t.equal(decoded.t.length, points);
    t.equal(new Set(decoded.scan).size, given.scans.length);
    t.strictSame([...seen].map(String), given.scans.map((scan) => scan["FRAME_ID"]));
  });
