import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { udpDevice, type UdpOptions } from "../../host/sources/udp.js";
import { kernelDrops } from "../../host/sources/udp-drops.js";
import { supervise, type SourceState } from "../../host/sources/supervise.js";
import type { Chunk } from "../../host/sources/connection.js";
import { freeUdpPort, UdpSender } from "./udp-sender.js";

const LOOPBACK = "127.0.0.1";

async function listener(options: Partial<UdpOptions> = {}) {
  const port = await freeUdpPort();
  return { port, connection: await udpDevice({ address: LOOPBACK, port, ...options }).open() };
}

async function take(chunks: AsyncIterable<Chunk>, count: number): Promise<Chunk[]> {
  const taken: Chunk[] = [];
  for await (const chunk of chunks) if (taken.push(chunk) === count) break;
  return taken;
}

t.test("each chunk is one datagram, in order, with its time; what is in the queue outlives the close", async (t) => {
  const { port, connection } = await listener();
  const sender = await UdpSender.open(port);
  const sent = Array.from({ length: 300 }, (_, k) => Buffer.alloc(1 + ((k * 37) % 1400), k & 255));
  for (const bytes of sent) await sender.send(bytes);
  const got = await take(connection.chunks, sent.length);
  t.ok(got.every(({ bytes }, k) => sent[k]!.equals(bytes)), "every datagram whole");
  t.ok(got.every(({ at }, k) => k === 0 || at >= got[k - 1]!.at), "times do not fall");
  t.ok(connection.receiveBufferBytes > 0, `${connection.receiveBufferBytes} bytes of receive buffer`);
  t.equal(await connection.write(Buffer.from("x")), false, "there is no way back");
  t.same(connection.drops, {});
  await sender.close();
  await connection.close();
  t.equal(await connection.ended, "closed");
});

t.test("the longest datagram arrives, and an empty one is nothing", async (t) => {
  const { port, connection } = await listener();
  const sender = await UdpSender.open(port);
  await sender.send(Buffer.alloc(0));
  await sender.send(Buffer.alloc(65_507, 7));
  t.equal((await take(connection.chunks, 1))[0]!.bytes.length, 65_507);
  await sender.close();
  await connection.close();
});

t.test("datagrams of other senders are left out and counted", async (t) => {
  const { port, connection } = await listener({ from: "127.0.0.2" });
  const stranger = await UdpSender.open(port), sensor = await UdpSender.open(port, "127.0.0.2");
  for (let k = 0; k < 5; k++) await stranger.send(Buffer.from("no"));
  await sensor.send(Buffer.from("yes"));
  t.equal(Buffer.from((await take(connection.chunks, 1))[0]!.bytes).toString(), "yes");
  t.same(connection.drops, { foreign_sender: 5 });
  await Promise.all([stranger.close(), sensor.close(), connection.close()]);
});

t.test("a port that another program has, and an address that no interface has, are refused with what to do", async (t) => {
  const { port, connection } = await listener();
  await t.rejects(udpDevice({ address: LOOPBACK, port }).open(), { code: "PORT_REFUSED", message: /another program/, remedy: /ss -ulnp/ });
  await connection.close();
  const again = await udpDevice({ address: LOOPBACK, port }).open();
  await again.close();
  const elsewhere = udpDevice({ address: "192.0.2.1", port });
  t.equal(await elsewhere.isPresent(), false, "an address of no interface is absent");
  await t.rejects(elsewhere.open(), { code: "PORT_REFUSED", remedy: /0\.0\.0\.0/ });
});

t.test("what is no address, port or group is a mistake in the configuration", async (t) => {
  const wrong: Partial<UdpOptions>[] = [
    { address: "localhost" }, { port: 0 }, { port: 70_000 }, { from: "sensor" }, { from: "::1" }, { group: "10.0.0.1" }, { group: "ff02::1" },
  ];
  for (const options of wrong)
    t.throws(() => udpDevice({ address: LOOPBACK, port: 2368, ...options }), { code: "CONFIG_INVALID" }, JSON.stringify(options));
  t.equal(udpDevice({ address: "::", port: 7502, from: "fe80::1" }).name, "udp [::]:7502 from fe80::1");
});

t.test("two sources listen to one multicast group", async (t) => {
  const port = await freeUdpPort(), group = "239.255.42.99";
  const options = { address: LOOPBACK, port, group };
  const both = await Promise.all([udpDevice(options).open(), udpDevice(options).open()]);
  const sender = await UdpSender.open(port, LOOPBACK, group);
  await sender.send(Buffer.from("to all"));
  for (const { chunks } of both) t.equal(Buffer.from((await take(chunks, 1))[0]!.bytes).toString(), "to all");
  await Promise.all([sender.close(), ...both.map((one) => one.close())]);
});

t.test("IPv6 loopback", async (t) => {
  const port = await freeUdpPort();
  const connection = await udpDevice({ address: "::1", port }).open().catch(() => undefined);
  if (connection === undefined) return t.comment("this machine has no IPv6");
  const sender = await UdpSender.open(port, "::1", "::1");
  await sender.send(Buffer.from("six"));
  t.equal(Buffer.from((await take(connection.chunks, 1))[0]!.bytes).toString(), "six");
  await Promise.all([sender.close(), connection.close()]);
});

t.test("a silent port has stalled and is opened anew; a port that is taken is waited for", async (t) => {
  const port = await freeUdpPort();
  const other = createSocket("udp4");
  await new Promise<void>((resolve) => other.bind(port, LOOPBACK, resolve));
  const states: SourceState[] = [], whys: string[] = [];
  const stop = new AbortController();
  let heard = 0;
  const running = (async () => {
    const onState = (state: SourceState, why: string): void => {
      states.push(state);
      whys.push(why);
    };
    for await (const { chunks } of supervise(udpDevice({ address: LOOPBACK, port }), { signal: stop.signal, stallMillis: 100, onState }))
      for await (const { bytes } of chunks) heard += bytes.length;
  })();
  while (!whys.some((why) => why.startsWith("PORT_REFUSED"))) await sleep(5);
  other.close();
  while (states.filter((state) => state === "stalled").length < 2) await sleep(5);
  const sender = await UdpSender.open(port);
  while (heard === 0) {
    await sender.send(Buffer.from("x"));
    await sleep(20);
  }
  t.equal(states.at(-1), "streaming");
  stop.abort();
  await running;
  await sender.close();
});

t.test("what the system dropped for want of a reader is counted", { skip: process.platform !== "linux" }, async (t) => {
  const { port, connection } = await listener({ receiveBufferBytes: 4096 });
  const sender = await UdpSender.open(port);
  const deadline = performance.now() + 8000;
  // All of a burst is sent before this thread reads any.
  while (!("receive_buffer_full" in connection.drops) && performance.now() < deadline) {
    sender.burst(Buffer.alloc(1000), 500);
    await sleep(300);
  }
  t.ok(connection.drops["receive_buffer_full"]! > 0, JSON.stringify(connection.drops));
  await Promise.all([sender.close(), connection.close()]);
});

t.test("the kernel's table is read for the socket's own row", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "saccade-udp-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const row = (local: string, drops: number): string =>
    ` 1: ${local} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 17 2 0000000000000000 ${drops}`;
  writeFileSync(join(folder, "udp"), ["head drops", row("0100007F:0940", 3), row("0202000A:0940", 4)].join("\n"));
  writeFileSync(join(folder, "udp6"), row("B80D0120000000000000000001000000:1D4E", 9));
  t.equal(await kernelDrops("127.0.0.1", 0x940, folder), 3);
  t.equal(await kernelDrops("10.0.2.2", 0x940, folder), 4);
  t.equal(await kernelDrops("10.0.2.2", 0x941, folder), undefined);
  t.equal(await kernelDrops("2001:db8::1", 7502, folder), 9);
  t.equal(await kernelDrops("2001:db8::1", 7502, "/nowhere"), undefined);
});
