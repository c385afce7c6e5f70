import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { DROP_REASONS } from "../../host/decoders/drops.js";
import { createLiveDecoder } from "../../host/decoders/live.js";
import { readFields } from "../../host/decoders/packets/cbor.js";
import { readRawPacket } from "../../host/decoders/packets/raw-packet.js";
import { RawDvsWriter, rawLidarPacket, rawVendorPacket } from "../../host/writers/raw-packets.js";
import { toEvents } from "../decoders/collect.js";
import { seeds } from "../seeds.js";

const N = 40;
const column = (of: (i: number) => number): number[] => Array.from({ length: N }, (_, i) => of(i));
const EVENTS = toEvents({ t: column((i) => 1e15 + i * 1000), x: column((i) => i), y: column((i) => 2 * i), p: column((i) => i & 1) });
const scan = { t0: 1e15, ranges: Uint16Array.from(column((i) => i * 100)), angles: Uint16Array.from(column((i) => i * 899)) };
const SAMPLES: readonly { readonly format: string; readonly packets: readonly Uint8Array[] }[] = [
  { format: "raw-dvs", packets: [...new RawDvsWriter({ width: 40, height: 80 }, true).write(EVENTS), ...new RawDvsWriter().write(EVENTS)] },
  { format: "raw-lidar", packets: [rawLidarPacket(7, scan), rawLidarPacket(8, { ...scan, intensities: new Uint8Array(N) })] },
  { format: "evt3", packets: [rawVendorPacket(0, 5, "evt3", Buffer.alloc(64, 0x61)), rawVendorPacket(1, 6, "evt3", Buffer.alloc(63, 0x82))] },
  { format: "aedat3", packets: [rawVendorPacket(0, 5, "aedat3", Buffer.from("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n"))] },
  { format: "ld06", packets: [rawVendorPacket(0, 5, "ld06", Buffer.alloc(94, 0x54))] },
];

for (const seed of seeds())
  for (const { format, packets } of SAMPLES)
    t.test(`${format}: packets that were damaged, cut, repeated or invented, seed ${seed}`, async (t) => {
      const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
      const damaged = fc.record({ of: fc.nat(packets.length - 1), flips: fc.array(fc.tuple(place, fc.nat(255)), { maxLength: 6 }), keep: fc.oneof(fc.constant(1), place) })
        .map(({ of, flips, keep }) => {
          const whole = packets[of]!, bytes = Buffer.from(whole.subarray(0, Math.ceil(keep * whole.length)));
          for (const [at, value] of flips) if (bytes.length > 0) bytes[Math.floor(at * bytes.length)] = value;
          return bytes;
        });
      const anyPacket = fc.oneof({ weight: 5, arbitrary: damaged }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) });
      fc.assert(
        fc.property(fc.array(anyPacket, { minLength: 1, maxLength: 8 }), (list) => {
          const { decoder } = createLiveDecoder(format, "mqtt");
          for (const bytes of list) for (const batch of decoder.push(bytes, 0)) assert.ok(batch.t.subarray(0, batch.count).every(Number.isSafeInteger));
          for (const batch of decoder.end()) assert.ok(batch.count >= 0);
          for (const [reason, amount] of Object.entries(decoder.drops)) assert.ok(reason in DROP_REASONS && amount > 0, reason);
        }),
        { seed, numRuns: 150 },
      );
      t.pass("nothing thrown");
    });

t.test("a few bytes cannot ask for much memory or time", async (t) => {
  const bombs = [
    "9b7fffffffffffffff", "bb7fffffffffffffff", "a1005b7fffffffffffffff", "a1149b00000000ffffffff", "a4".repeat(30_000), "81".repeat(60_000), "d845".repeat(30_000),
    `a114${"8140".repeat(20_000)}`, `b820${"18ff00".repeat(32)}`, "a10a7b001fffffffffffff",
  ];
  const began = performance.now();
  for (const hex of bombs) t.type(readRawPacket(Buffer.from(hex, "hex")), "string", hex.slice(0, 30));
  t.ok(performance.now() - began < 1000);
  t.ok(readFields(Buffer.from("a0", "hex")));
});
