import t from "tap";
import { CapturedDecoder } from "../../../host/decoders/network/captured.js";
import { createPointDecoder } from "../../../host/decoders/points/formats.js";
import { readHesaiCalibration } from "../../../host/decoders/points/hesai-calibration.js";
import { readOusterInfo } from "../../../host/decoders/points/ouster-info.js";
import { ethernet, ipv4, pcap, udp } from "../network-bytes.js";
import { type Collected, collect, cut, polar } from "./collect.js";
import { hesaiPacket, livoxPacket, madeOuster, velodynePacket } from "./encode-packets.js";

const decode = (format: string, packets: readonly Uint8Array[], sensorInfo?: string): Collected =>
  collect(createPointDecoder(format, { sensorInfo }), packets.map((bytes) => ({ bytes })));
const near = (a: number, b: number, by = 0.02): boolean => Math.abs(((a - b + 540) % 360) - 180) <= by;
const elevation = ({ x, y, z }: Collected, i: number): number => (Math.atan2(z[i]!, Math.hypot(x[i]!, y[i]!)) * 180) / Math.PI;
const distance = ({ x, y, z }: Collected, i: number): number => Math.hypot(x[i]!, y[i]!, z[i]!) / 10;

const VELODYNES = [
  { name: "VLP-16", model: 0x22, unit: 2, elevations: [-15, 1, -13, 3], last: 2 * 55.296 - 55.296 + 15 * 2.304 },
  { name: "VLP-16 Hi-Res", model: 0x24, unit: 2, elevations: [-10, 0.667, -8.667, 2], last: 55.296 + 15 * 2.304 },
  { name: "HDL-32E", model: 0x21, unit: 2, elevations: [-30.667, -9.333, -29.333, -8], last: 31 * 1.152 },
  { name: "VLP-32C", model: 0x28, unit: 4, elevations: [-25, -1, -1.667, -15.639], last: 15 * 2.304 },
];
for (const { name, model, unit, elevations, last } of VELODYNES)
  t.test(`Velodyne ${name}, single return: where and when each laser fires`, async (t) => {
    const points = decode("velodyne", [velodynePacket(model, 0x37, 3_599_999_000, 9000, 20, () => 5000)]);
    t.equal(points.t.length, 384);
    elevations.forEach((wanted, laser) => t.ok(Math.abs(elevation(points, laser) - wanted) < 0.01, `laser ${laser}: ${elevation(points, laser)}°`));
    t.ok(Math.abs(distance(points, 0) - 5000 * unit) < 0.1);
    t.equal(points.t[31]! - points.t[0]!, Math.round(last), "the last of a block");
    t.ok(near(polar(points, 352).degrees, 90 + 11 * 0.2 + (name === "VLP-32C" ? 1.4 : 0)), "the last block");
    t.strictSame([...new Set(points.echo)], [0]);
  });

t.test("Velodyne: hours go on, turns are cut, dual returns that repeat are left out", async (t) => {
  const far = velodynePacket(0x22, 0x37, 3_599_999_000, 35_990, 20, () => 1000), after = velodynePacket(0x22, 0x37, 500, 230, 20, () => 1000);
  const points = decode("velodyne", [far, after]);
  t.strictSame(points.ends, [32], "after the first block");
  t.equal(points.t[384]! - points.t[0]!, 1500);
  const dual = velodynePacket(0x22, 0x39, 0, 0, 0, (block, at) => (block % 2 === 0 ? 100 : at < 16 ? 100 : 50));
  const both = decode("velodyne", [dual]);
  t.strictSame(both.drops, { same_return: 6 * 16 });
  t.strictSame([both.echo.filter((echo) => echo === 0).length, both.echo.filter((echo) => echo === 1).length], [192, 96]);
});

t.test("Hesai XT16, XT32M2X: elevations, three returns, missing packets, calibration", async (t) => {
  const sixteen = decode("hesai", [hesaiPacket(16, 8, 0x37, 1, 0, 5, () => 500), hesaiPacket(16, 8, 0x37, 1, 144, 9, () => 500)]);
  t.equal(sixteen.t.length, 256);
  t.ok(Math.abs(elevation(sixteen, 15) + 15) < 0.01 && Math.abs(distance(sixteen, 0) - 2000) < 0.1);
  t.strictSame(sixteen.drops, { missing_packet: 3 });
  const stamp = Date.UTC(2026, 10, 22, 6, 30, 15) * 1000 + 500_000;
  t.equal(sixteen.t[112], Math.round(stamp + 5.632 + 0.368), "the last block, by the sensor's date");
  t.equal(sixteen.t[0], Math.round(stamp + 5.632 + 0.368 - 350));
  const three = decode("hesai", [hesaiPacket(32, 6, 0x3d, 3, 0, 0, (block, laser) => (laser === 0 ? 100 + block : block < 3 ? 100 : 200))]);
  t.strictSame(three.echo.filter((_, i) => three.ring[i] === 0), [0, 1, 2, 0, 1, 2]);
  t.equal(three.drops["same_return"], 31 * 4);
  t.ok(Math.abs(elevation(three, 0) - 19.5) < 0.03);
  const rows = Array.from({ length: 16 }, (_, i) => `${i + 1},${20 - i},${i / 10}`).join("\r\n");
  const turned = decode("hesai", [hesaiPacket(16, 8, 0x37, 1, 1000, 0, () => 500)], `Channel,Elevation,Azimuth\r\n${rows}\r\n`);
  t.ok(Math.abs(elevation(turned, 5) - 15) < 0.01 && near(polar(turned, 5).degrees, 10.5));
  t.throws(() => readHesaiCalibration("Channel,Elevation,Azimuth\n2,1,1\n"), { code: "SENSOR_INFO_INVALID" });
});

t.test("Ouster with new metadata: frame of the sensor, two returns, invalid columns, frames cut", async (t) => {
  for (const profile of ["RNG19_RFL8_SIG16_NIR16", "RNG19_RFL8_SIG16_NIR16_DUAL"] as const) {
    const { info, packet } = madeOuster(profile), echoes = profile.endsWith("DUAL") ? 2 : 1;
    const range = (echo: number, pixel: number): number => (echo === 1 && pixel === 0 ? 0 : 1000 * (echo + 1));
    const points = decode("ouster", [packet(65535, 0, 10n ** 18n, range), packet(0, 16, 10n ** 18n + 10n ** 6n, range)], info);
    t.equal(points.t.length, 2 * 15 * (echoes === 2 ? 7 : 4));
    t.strictSame(points.ends, [points.t.length / 2]);
    t.equal(points.drops["invalid_column"], 2);
    t.equal(points.drops["no_return"] ?? 0, echoes === 2 ? 30 : 0);
    // Encoder 0, beam ahead of the lidar's frame, which the sensor's frame sees from behind and 100 mm above.
    t.strictSame([points.x[0], points.y[0], points.z[0]], [-10000, 0, 1000]);
    // Pixel 3: up by 30°, and turned clockwise by 90°.
    t.strictSame([points.x[3], points.y[3], points.z[3]], [0, Math.round(10000 * Math.cos(Math.PI / 6)), 6000].map((value) => value + 0));
    t.equal(points.t[0], 1e15);
    t.equal(points.intensity[3], 53);
    if (echoes === 2) t.strictSame([points.echo[4], points.ring[4], points.intensity[4]], [1, 1, 61]);
  }
});

t.test("Ouster: metadata is asked for, and checked", async (t) => {
  const good = JSON.parse(madeOuster("RNG19_RFL8_SIG16_NIR16").info) as Record<string, Record<string, unknown>>;
  const edited = (part: string, name: string, value: unknown): string => JSON.stringify({ ...good, [part]: { ...good[part], [name]: value } });
  t.throws(() => createPointDecoder("ouster"), { code: "SENSOR_INFO_MISSING" });
  for (const [text, why] of [
    ["{", /no JSON/],
    ["[]", /no JSON object/],
    [edited("beam_intrinsics", "beam_altitude_angles", [1, 2]), /beam_altitude_angles has to be 4 numbers/],
    [edited("lidar_data_format", "columns_per_packet", 1e9), /columns_per_packet/],
    [edited("lidar_data_format", "udp_profile_lidar", "FUSA"), /profile FUSA/],
    [edited("beam_intrinsics", "lidar_origin_to_beam_origin_mm", null), /lidar_origin_to_beam_origin_mm/],
  ] as const)
    t.throws(() => readOusterInfo(text), { code: "SENSOR_INFO_INVALID", message: why });
});

t.test("Livox: points of three kinds, spread over the packet's time; tenths of a second are scans", async (t) => {
  const some = [
    { x: 1000, y: -2000, z: 300, intensity: 9 },
    { x: 0, y: 0, z: 0, intensity: 0 },
    { x: 5, y: 6, z: 7, intensity: 255 },
    { x: 1, y: 1, z: 1, intensity: 1 },
  ];
  const inertial = livoxPacket(0, 4, 0n, 0, [some[0]!]);
  const fine = decode("livox", [livoxPacket(1, 0, 5_000_000_000n, 4000, some), livoxPacket(1, 3, 5_100_000_000n, 4000, some), inertial]);
  t.strictSame([fine.x, fine.y].map((column) => column.slice(0, 3)), [[10000, 50, 10], [-20000, 60, 10]]);
  t.strictSame([fine.z, fine.intensity].map((column) => column.slice(0, 3)), [[3000, 70, 10], [9, 255, 1]]);
  t.strictSame(fine.t.slice(0, 3), [5_000_000, 5_000_200, 5_000_300]);
  t.strictSame(fine.ends, [3]);
  t.strictSame(fine.drops, { no_return: 2, missing_packet: 2, imu: 1 });
  t.strictSame(decode("livox", [livoxPacket(2, 0, 0n, 0, some)]).x, [100000, 500, 100]);
  const polarOnes = decode("livox", [livoxPacket(3, 0, 0n, 0, [{ x: 2000, y: 9000, z: 9000, intensity: 3 }])]);
  t.strictSame([polarOnes.x, polarOnes.y, polarOnes.z], [[0], [20000], [0]]);
});

t.test("of several sensors in a capture one is read", async (t) => {
  const packet = velodynePacket(0x22, 0x37, 0, 0, 20, () => 1000), other = velodynePacket(0x22, 0x37, 0, 18_000, 20, () => 1000);
  const frames = [[Buffer.from("hello"), 9], [packet, 1], [other, 2], [packet, 1], [other, 2]] as const;
  const file = pcap(frames.map(([payload, from], i) => ({ frame: ethernet(ipv4(udp(payload, 2368), { from })), micros: i })));
  const points = collect(new CapturedDecoder(createPointDecoder("velodyne")), cut(file, [100]));
  t.equal(points.t.length, 768);
  t.strictSame(points.drops, { other_stream: 3 });
});

t.test("packets of no sensor are counted", async (t) => {
  for (const format of ["velodyne", "hesai", "livox"]) t.strictSame(decode(format, [Buffer.alloc(1206), Buffer.alloc(0)]).drops, { other_stream: 2 });
});
