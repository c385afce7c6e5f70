import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { CaptureReader } from "../../host/decoders/network/capture.js";
import { UdpReader } from "../../host/decoders/network/udp.js";
import { SaccadeError } from "../../host/errors.js";
import type { Drops } from "../../host/types.js";
import { seeds } from "../seeds.js";
import { ethernet, fragment6, ipv4, ipv6, pcap, pcapng, type Seen, udp } from "./network-bytes.js";

interface Got {
  readonly text: string;
  readonly port: number;
  readonly arrival: number;
}

function read(file: Uint8Array, lengths: readonly number[] = []): { readonly got: Got[]; readonly drops: Drops; readonly error?: string } {
  const drops: Drops = {}, capture = new CaptureReader(drops), udpReader = new UdpReader(drops), got: Got[] = [];
  const keep = (frames: ReturnType<CaptureReader["push"]>): void => {
    for (const { bytes, link, arrival } of frames) {
      const datagram = udpReader.read(bytes, link, arrival);
      if (datagram) got.push({ text: Buffer.from(datagram.payload).toString("latin1"), port: datagram.port, arrival: datagram.arrival });
    }
  };
  try {
    for (let at = 0, i = 0; at < file.length; i++) {
      const end = lengths.length === 0 ? file.length : at + lengths[i % lengths.length]!;
      keep(capture.push(file.subarray(at, end)));
      at = end;
    }
    keep(capture.end());
    udpReader.end();
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    return { got, drops, error: error.code };
  }
  return { got, drops };
}

const hello = Buffer.from("hello"), at = 1_700_000_000_123_456;
const WAYS: readonly (readonly [name: string, frame: Buffer, link: number])[] = [
  ["Ethernet", ethernet(ipv4(udp(hello, 2368))), 1],
  ["Ethernet, padded", Buffer.concat([ethernet(ipv4(udp(hello, 2368))), Buffer.alloc(13)]), 1],
  ["two VLANs", ethernet(ipv4(udp(hello, 2368)), 0x0800, [5, 6]), 1],
  ["IPv6", ethernet(ipv6(udp(hello, 2368)), 0x86dd), 1],
  ["raw IP", ipv4(udp(hello, 2368)), 101],
  ["loopback", Buffer.concat([Buffer.from([2, 0, 0, 0]), ipv4(udp(hello, 2368))]), 0],
  ["Linux cooked", Buffer.concat([Buffer.alloc(14), Buffer.from([8, 0]), ipv4(udp(hello, 2368))]), 113],
  ["Linux cooked 2", Buffer.concat([Buffer.from([8, 0]), Buffer.alloc(18), ipv4(udp(hello, 2368))]), 276],
];
for (const [name, frame, link] of WAYS)
  for (const little of [true, false])
    for (const nano of [false, true])
      t.test(`${name}, ${little ? "little" : "big"}-endian, ${nano ? "ns" : "µs"}: pcap and pcapng`, async (t) => {
        for (const file of [pcap, pcapng]) {
          const { got, drops } = read(file([{ frame, micros: at }, { frame, micros: at + 5 }], { little, nano, link }), [9]);
          t.strictSame(got.map(({ text, port }) => [text, port]), [["hello", 2368], ["hello", 2368]]);
          t.ok(Math.abs(got[0]!.arrival - at) < 1 && Math.abs(got[1]!.arrival - at - 5) < 1, `${got[0]!.arrival}`);
          t.strictSame(drops, {});
        }
      });

t.test("fragments are put together in any order; those without others are counted", async (t) => {
  const long = Buffer.from(Array.from({ length: 3000 }, (_, i) => i & 0xff)), whole = udp(long, 7502);
  const parts = [0, 1480, 2960].map((offset) => [offset, whole.subarray(offset, offset + 1480)] as const);
  const v4 = parts.map(([offset, body]) => ({ frame: ethernet(ipv4(body, { offset, more: offset < 2960, id: 9 })), micros: at }));
  const v6 = parts.map(([offset, body]) => ({ frame: ethernet(fragment6(body, offset, offset < 2960), 0x86dd), micros: at }));
  for (const frames of [v4, v6])
    for (const order of [[0, 1, 2], [2, 0, 1], [0, 0, 2, 1]]) {
      const { got, drops } = read(pcap(order.map((i) => frames[i]!)));
      t.equal(got.length, 1);
      t.equal(got[0]!.text, long.toString("latin1"));
      t.strictSame(drops, {});
    }
  const lonely = Array.from({ length: 20 }, (_, id) => ({ frame: ethernet(ipv4(parts[0]![1], { more: true, id })), micros: at }));
  t.strictSame(read(pcap(lonely)).drops, { fragment: 20 });
});

t.test("what is no UDP is counted; a broken record costs itself", async (t) => {
  const good: Seen = { frame: ethernet(ipv4(udp(hello, 1))), micros: at };
  const strange = [ethernet(ipv4(Buffer.alloc(20), { protocol: 6 })), ethernet(Buffer.alloc(28), 0x0806), Buffer.alloc(3)];
  const others = strange.map((frame) => ({ frame, micros: at }));
  t.strictSame(read(pcap([...others, good])).drops, { other_stream: 3 });
  const file = pcap([good, good, good]), bytes = good.frame.length + 16;
  const broken = Buffer.from(file);
  broken.writeUInt32LE(0xffffff, 24 + bytes + 8);
  const { got, drops } = read(broken, [5]);
  t.equal(got.length, 2);
  t.equal(drops["resync_bytes"], bytes);
  t.strictSame(read(file.subarray(0, file.length - 4), [3]).drops, { torn_tail: bytes - 4 });
});

t.test("files that are no captures are refused", async (t) => {
  t.equal(read(Buffer.alloc(100, 1)).error, "RECORDING_CORRUPT");
  t.equal(read(Buffer.alloc(3)).error, "RECORDING_CORRUPT");
  t.equal(read(Buffer.alloc(0)).error, "RECORDING_EMPTY");
});

for (const seed of seeds())
  t.test(`damaged captures: nothing thrown, the same however they are cut, seed ${seed}`, async (t) => {
    const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const someFlips = fc.array(place, { minLength: 1, maxLength: 6 });
    const someCuts = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 3 });
    const frames = Array.from({ length: 12 }, (_, i) => ({ frame: WAYS[i % 4]![1], micros: at + i * 100 }));
    for (const good of [pcap(frames), pcapng(frames)])
      fc.assert(
        fc.property(someFlips, place, fc.uint8Array({ maxLength: 20 }), someCuts, (flips, from, put, cuts) => {
          const middle = 24 + Math.floor(from * (good.length - 24));
          const bytes = Buffer.concat([good.subarray(0, middle), put, good.subarray(middle + 2)]);
          for (const flip of flips) bytes[24 + Math.floor(flip * (bytes.length - 24))]! ^= 1 << (flips.length % 8);
          assert.deepEqual(read(bytes, cuts), read(bytes));
        }),
        { seed, numRuns: 100 },
      );
    t.pass("all alike");
  });
