import { createHash } from "node:crypto";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { needs, sharedData } from "../data.js";
import { ethernet, ipv4, pcap, udp } from "../decoders/network-bytes.js";
import { tfminiFrame } from "../decoders/points/encode.js";
import { velodynePacket } from "../decoders/points/encode-packets.js";
import { endRuns, saccade } from "./run.js";

const folder = await mkdtemp(join(tmpdir(), "saccade-"));
t.teardown(async () => {
  endRuns();
  await rm(folder, { recursive: true });
});
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const KEYS = ["format", "points", "scans", "bounds", "digest"];

t.test("a serial stream that is named: decode --json prints exactly the contract", async (t) => {
  const file = join(folder, "range.bin");
  await writeFile(file, Buffer.concat([tfminiFrame(150, 400), tfminiFrame(200, 500), Buffer.from([0x59, 0x59])]));
  const { code, stdout, stderr } = await saccade("decode", file, "--as", "tfmini", "--json");
  t.equal(code, 0, stderr);
  const result = JSON.parse(stdout);
  t.strictSame(Object.keys(result), [...KEYS, "dropped"]);
  const zeros = new Uint8Array(8), times = BigUint64Array.of(781n, 1563n);
  t.strictSame(result, {
    format: "tfmini",
    points: 2,
    scans: 1,
    bounds: { min: [1.5, 0, 0], max: [2, 0, 0] },
    digest: {
      t: sha256(new Uint8Array(times.buffer)),
      x: sha256(new Uint8Array(Int32Array.of(15000, 20000).buffer)),
      y: sha256(zeros),
      z: sha256(zeros),
      intensity: sha256(new Uint8Array(Uint16Array.of(400, 500).buffer)),
      ring: sha256(zeros.subarray(0, 2)),
      echo: sha256(zeros.subarray(0, 2)),
    },
    dropped: { torn_tail: 2 },
  });
  const text = await saccade("decode", file, "--as", "tfmini");
  t.match(text.stdout, /tfmini, 2 points in 1 scans\n {2}x 1.50 to 2.00 m/);
  t.match(text.stdout, /2 torn_tail/);
});

t.test("a capture says itself whose it is", async (t) => {
  const file = join(folder, "street.pcap");
  const packets = [35_900, 140].map((azimuth, i) => velodynePacket(0x22, 0x37, 1327 * i, azimuth, 20, () => 2000));
  await writeFile(file, pcap(packets.map((packet, i) => ({ frame: ethernet(ipv4(udp(packet, 2368))), micros: 1e15 + i }))));
  await writeFile(join(folder, "street.json"), '{"labels":["car"]}');
  await writeFile(join(folder, "street.csv"), "frame,label\n1,car\n");
  const { stdout } = await saccade("decode", file, "--json");
  const result = JSON.parse(stdout);
  t.strictSame(Object.keys(result), KEYS);
  t.strictSame([result.format, result.points, result.scans], ["velodyne", 768, 2], "files beside it that are none of ours do not matter");
});

t.test("what cannot be read says why and what to do", async (t) => {
  const noise = join(folder, "noise.bin"), other = join(folder, "other.pcap"), ouster = join(folder, "lonely.pcap");
  await writeFile(noise, Buffer.alloc(5000, 0x33));
  await writeFile(other, pcap([{ frame: ethernet(ipv4(udp(Buffer.from("hello"), 53))), micros: 0 }]));
  await writeFile(ouster, pcap([{ frame: ethernet(ipv4(udp(Buffer.alloc(12608), 7502))), micros: 0 }]));
  for (const [argv, code, line] of [
    [[noise, "--as", "ld06"], 65, /RECORDING_CORRUPT: nothing in .* reads as ld06/],
    [[noise, "--as", "velodyne"], 65, /RECORDING_UNSUPPORTED: .* is no capture/],
    [[other], 65, /FORMAT_UNKNOWN: .* no datagrams of a sensor that is known; name its format with --as/],
    [[ouster], 65, /SENSOR_INFO_MISSING: .*; name the JSON file with --sensor-info/],
    [[join(folder, "absent.pcap")], 66, /FILE_NOT_FOUND/],
    [[ouster, "--sensor-info", join(folder, "absent.json")], 66, /FILE_NOT_FOUND/],
  ] as const) {
    const outcome = await saccade("decode", ...argv, "--json");
    t.equal(outcome.code, code, argv.join(" "));
    t.match(outcome.stderr, line);
    t.equal(outcome.stdout, "");
  }
});

t.test("events of a capture are read when they are named", async (t) => {
  const file = join(folder, "spif.pcap"), words = Uint32Array.of((5 << 16) + 0x8000 + 7, 1000, (6 << 16) + 8, 1001);
  await writeFile(file, pcap([{ frame: ethernet(ipv4(udp(new Uint8Array(words.buffer), 3333))), micros: 5 }]));
  const { stdout, stderr } = await saccade("decode", file, "--as", "spif", "--json");
  t.equal(stderr, "");
  const { format, events, t_first: first, t_last: last } = JSON.parse(stdout);
  t.strictSame([format, events, first, last], ["spif", 2, 1000, 1001]);
});

t.test("an Ouster's metadata is found beside its capture, or named", needs("lidar/packets"), async (t) => {
  const name = "OS-2-32-U0_v2.0.0_1024x10", from = sharedData(`lidar/packets/ouster/${name}.pcap`)!;
  const beside = JSON.parse((await saccade("decode", from, "--json")).stdout);
  t.strictSame([beside.format, beside.points, beside.scans], ["ouster", 28541, 1]);
  const alone = join(folder, "moved.pcap");
  await copyFile(from, alone);
  const named = await saccade("decode", alone, "--sensor-info", from.replace(".pcap", ".json"), "--json");
  t.strictSame(JSON.parse(named.stdout), beside);
});
