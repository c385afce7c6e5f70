import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { SimulatedDevice } from "../../firmware-bridge/device/device.js";
import { Line } from "../../firmware-bridge/device/line.js";
import { type EventList, Player, readCapture } from "../../firmware-bridge/device/player.js";
import { openPty, type Pty } from "../../firmware-bridge/device/pty.js";
import { COMPACT } from "../../firmware-bridge/protocol/events.js";
import { LiveBridge } from "../../host/decoders/bridge-live.js";
import { BridgeWriter } from "../../host/writers/bridge.js";
import type { Events } from "../../host/types.js";
import { needsCompiler as needsProgram } from "./gcc.js";
import { mulberry } from "./random.js";

const SIZE = { width: 320, height: 320 };
const needsSocat = { ...needsProgram("socat"), timeout: 60_000 };

/** Events 1 µs apart, whose place in the list can be read from the pixel. */
function scene(count: number): EventList {
  const each = (f: (k: number) => number): number[] => Array.from({ length: count }, (_, k) => f(k));
  return {
    count,
    t: Float64Array.from(each((k) => 1000 + k)),
    x: Uint16Array.from(each((k) => k % SIZE.width)),
    y: Uint16Array.from(each((k) => Math.floor(k / SIZE.width) % SIZE.height)),
    p: Uint8Array.from(each((k) => k & 1)),
  };
}

/** A camera at the far end of a pseudo-terminal, from power on to unplugging. */
async function camera(path: string, events: EventList, line: { baud?: number; bitErrors?: number }, boot = 1, speed = 1) {
  const began = performance.now(), now = (): number => Math.round(1000 * (performance.now() - began));
  const pty: Pty = await openPty(path, (bytes) => device.receive(bytes, now()));
  const up = new Line({ ...line, random: mulberry(boot) }, (bytes) => pty.write(bytes));
  const device = new SimulatedDevice({ ...SIZE, boot }, (bytes) => up.send(bytes));
  const player = new Player(events, device, { speed });
  const timer = setInterval(() => {
    if (device.status.streaming) player.poll(now());
    device.poll(now());
    up.poll(now());
  }, 2);
  return {
    device, player, up,
    async unplug() {
      clearInterval(timer);
      await pty.close();
    },
  };
}

/** A host that opens the port as a file. */
function open(path: string, window: number | undefined, take: (events: Events) => void) {
  const bridge = new LiveBridge({ wants: ["EVENTS"], form: COMPACT, window });
  const input = createReadStream(path, { highWaterMark: 65536 }), output = createWriteStream(path, { flags: "r+" });
  input.on("error", () => undefined);
  output.on("error", () => undefined);
  const poll = (): void => {
    for (const bytes of bridge.control.poll(Math.round(1000 * (performance.timeOrigin + performance.now())))) output.write(bytes);
  };
  input.on("data", (bytes) => {
    for (const events of bridge.push(bytes as Buffer)) take(events);
    poll();
  });
  const timer = setInterval(poll, 50);
  return {
    bridge,
    close() {
      clearInterval(timer);
      input.destroy();
      output.destroy();
    },
  };
}

async function until(done: () => boolean, seconds = 30): Promise<void> {
  for (const end = performance.now() + 1000 * seconds; !done() && performance.now() < end;) await sleep(5);
}

const folder = await mkdtemp(join(tmpdir(), "saccade-pty-"));

t.test("half a million events at 1 Mev/s over a pseudo-terminal: none is lost", needsSocat, async (t) => {
  const count = 500_000, list = scene(count), path = join(folder, "fast");
  const far = await camera(path, list, {});
  let received = 0, wrong = 0;
  const near = open(path, 512, ({ count: found, x, y, p }) => {
    for (let i = 0; i < found; i++, received++)
      if (x[i] !== list.x[received] || y[i] !== list.y[received] || p[i] !== list.p[received]) wrong++;
  });
  await until(() => far.player.ended && far.device.status.items + far.device.status.lostRing + far.device.status.lostCredit >= count);
  await until(() => received >= far.device.status.items, 5);
  const { items, lostRing, lostCredit } = far.device.status;
  t.equal(items + lostRing + lostCredit, count, "what the device had is sent or counted");
  t.equal(received, items, "and what was sent came");
  if (lostRing + lostCredit === 0) t.equal(wrong, 0);
  else t.comment(`this machine was too busy: ${lostRing} and ${lostCredit} were dropped at the device`);
  t.same(near.bridge.size, SIZE);
  t.equal(near.bridge.inbox.counters.lost, 0);
  near.close();
  await far.unplug();
});

t.test("1 Mbaud with bit errors: the rest goes on, and good + lost = sent", needsSocat, async (t) => {
  const list = scene(20_000), path = join(folder, "bad");
  const far = await camera(path, list, { baud: 1_000_000, bitErrors: 1e-5 }, 3, 0.02);
  let received = 0;
  const near = open(path, undefined, ({ count }) => (received += count));
  await until(() => far.player.ended);
  const beats = near.bridge.inbox.seen.heartbeat;
  await until(() => near.bridge.inbox.seen.heartbeat > beats + 1, 8);
  const { good, lost, badCrc, notCobs, short } = near.bridge.inbox.counters;
  t.ok(far.up.damaged > 0 && lost > 0, `${far.up.damaged} bits, ${lost} frames`);
  t.ok(received > 0.8 * list.count && received < list.count, `${received} of ${list.count}`);
  t.ok(lost <= badCrc + notCobs + short + 2, "each loss has a packet that shows it");
  const { heartbeat, counters } = near.bridge.inbox;
  t.ok(good + lost >= heartbeat!.frames && counters.restarts === 0);
  near.close();
  await far.unplug();
});

t.test("unplugged and plugged in again", needsSocat, async (t) => {
  const path = join(folder, "replug"), list = scene(1000);
  for (let boot = 1; boot <= 5; boot++) {
    const far = await camera(path, list, {}, boot, 0.1);
    let received = 0;
    const near = open(path, 8, ({ count }) => (received += count));
    await until(() => received === list.count, 10);
    t.equal(received, list.count, `boot ${boot}`);
    t.equal(near.bridge.inbox.hello!.boot, boot);
    near.close();
    await far.unplug();
  }
});

t.test("a capture is what is played: as `saccade convert IN OUT.bridge` writes it", async (t) => {
  const list = scene(5000), writer = new BridgeWriter({ size: SIZE });
  const bytes = Buffer.concat([Buffer.from(writer.begin()), ...Array.from(writer.write(list), (part) => Buffer.from(part)),
    ...Array.from(writer.end(), (part) => Buffer.from(part))]);
  const { width, height, events } = readCapture(bytes);
  t.same({ width, height }, SIZE);
  t.same(events, list);
  t.throws(() => readCapture(bytes.subarray(0, 20)), RangeError);
});
