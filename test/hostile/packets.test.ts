import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { DROP_REASONS } from "../../host/decoders/drops.js";
import { createPointDecoder, type PointOptions, recogniseDatagram } from "../../host/decoders/points/formats.js";
import { collect } from "../decoders/points/collect.js";
import { hesaiPacket, livoxPacket, madeOuster, velodynePacket } from "../decoders/points/encode-packets.js";
import { seeds } from "../seeds.js";

const steps = (block: number, at: number): number => (block * 977 + at * 131) & 0xffff;
const points = Array.from({ length: 96 }, (_, i) => ({ x: i * 1e5, y: -i * 1000, z: i, intensity: i }));
const coarse = Array.from({ length: 96 }, (_, i) => ({ x: i * 300, y: -i * 300, z: i, intensity: i }));
const single = madeOuster("RNG19_RFL8_SIG16_NIR16"), dual = madeOuster("RNG19_RFL8_SIG16_NIR16_DUAL");
const PACKETS: readonly { readonly format: string; readonly options: PointOptions; readonly packet: Buffer }[] = [
  ...[0x21, 0x22, 0x24, 0x28].flatMap((model) =>
    [0x37, 0x39].map((mode) => ({ format: "velodyne", options: {}, packet: velodynePacket(model, mode, 1e9, 35_900, 20, steps) }))),
  { format: "hesai", options: {}, packet: hesaiPacket(32, 8, 0x39, 2, 35_980, 7, steps) },
  { format: "hesai", options: {}, packet: hesaiPacket(32, 6, 0x3d, 3, 35_980, 7, steps) },
  { format: "livox", options: {}, packet: livoxPacket(1, 1, 10n ** 18n, 4000, points) },
  { format: "livox", options: {}, packet: livoxPacket(2, 1, 10n ** 18n, 4000, coarse) },
  { format: "ouster", options: { sensorInfo: single.info }, packet: single.packet(9, 16, 10n ** 18n, (_, pixel) => pixel * 100_000) },
  { format: "ouster", options: { sensorInfo: dual.info }, packet: dual.packet(9, 16, 10n ** 18n, (_, pixel) => pixel * 100_000) },
];

for (const seed of seeds())
  for (const [i, { format, options, packet }] of PACKETS.entries())
    t.test(`${format} ${i}: packets that were damaged, cut or invented, seed ${seed}`, async (t) => {
      const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
      const damage = fc.record({ flips: fc.array(place, { maxLength: 12 }), keep: fc.oneof(fc.constant(1), place) });
      const damaged = damage.map(({ flips, keep }) => {
        const bytes = Buffer.from(packet.subarray(0, Math.ceil(keep * packet.length)));
        for (const flip of flips) if (bytes.length > 0) bytes[Math.floor(flip * bytes.length)]! ^= 1 << (flips.length % 8);
        return bytes;
      });
      const anyPacket = fc.oneof({ weight: 5, arbitrary: damaged }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 1500 }) });
      fc.assert(
        fc.property(fc.array(anyPacket, { minLength: 1, maxLength: 8 }), (packets) => {
          const decoder = createPointDecoder(format, options);
          const all = collect(decoder, packets.map((bytes, k) => ({ bytes, arrival: 1000 * k })));
          assert.ok(all.t.every((time) => Number.isSafeInteger(time)), "whole times");
          for (const reason of Object.keys(all.drops)) assert.ok(reason in DROP_REASONS, reason);
          for (const bytes of packets) recogniseDatagram(bytes, 7502, options);
        }),
        { seed, numRuns: 60 },
      );
      t.pass("nothing thrown");
    });

t.test("each packet is recognised as its own sensor's, and no other's", async (t) => {
  for (const { format, options, packet } of PACKETS) t.equal(recogniseDatagram(packet, 2368, options)?.name, format);
});

t.test("coordinates hold whatever a packet says", async (t) => {
  const wide = collect(createPointDecoder("hesai"), [{ bytes: hesaiPacket(32, 8, 0x37, 1, 0, 0, () => 65535).fill(255, 9, 10) }]);
  t.ok(wide.x.every((x) => Math.abs(x) < 2 ** 31 - 1));
  t.ok(Math.max(...wide.x) > 1.6e8, "16 km");
});
