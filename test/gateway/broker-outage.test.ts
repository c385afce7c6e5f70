import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { freePort, startMosquitto, subscribe, until, type Subscriber } from "../publishers/brokers.js";
import { bridgeCamera, evt3Camera, tenDigits } from "./cameras.js";
import { startGateway } from "./gateway-process.js";

/** Times that the broker is killed; 50 for the long form. */
const KILLS = Number(process.env["SACCADE_BROKER_KILLS"] ?? 4);
const PATIENCE_MILLIS = 60_000 + KILLS * 20_000;
const STATUS = { gateway: "saccade/pi-lab/status", front: "saccade/pi-lab/src/front/status", back: "saccade/pi-lab/src/back/status" };

function configuration(port: number, folder: string): string {
  return `
gateway: pi-lab
state-folder: ${join(folder, "state")}
mqtt: { url: "mqtt://127.0.0.1:${port}" }
models:
  digits: nmnist
  small-digits: { package: nmnist-int4, workers: 0 }
sources:
  front:
    serial: { port: ${join(folder, "front")}, baud: 1000000 }
    format: bridge
    models: [digits, small-digits]
  back:
    serial: { port: ${join(folder, "back")}, baud: 1000000 }
    format: evt3
    size: 34x34
    models: [digits, small-digits]
`;
}

interface Event {
  readonly seq: number;
  readonly source: string;
  readonly model: { readonly name: string };
  readonly historical: boolean;
}

function eventsOf(subscriber: Subscriber, source: string): Event[] {
  return subscriber.texts(`saccade/pi-lab/src/${source}/event`).map((text) => JSON.parse(text) as Event);
}

t.test("two sources, two models, a broker that is killed and comes back: the gateway lives, every status is true each time", { timeout: PATIENCE_MILLIS }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "saccade-gateway-"));
  const port = await freePort(), digits = tenDigits();
  const cameras = { front: bridgeCamera(join(folder, "front"), digits), back: evt3Camera(join(folder, "back"), digits) };
  let broker = await startMosquitto(port);
  const gateway = startGateway(join(folder, "saccade.yaml"), configuration(port, folder));
  t.teardown(async () => {
    await gateway.stop();
    for (const camera of Object.values(cameras)) await camera.unplug();
    await broker.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await cameras.front.plug();
  await cameras.back.plug();
  let descriptors = 0;
  const plugged = { front: true, back: true };
  for (let kill = 0; kill <= KILLS; kill++) {
    // A client that was not there before sees what is retained, and what happens from now on.
    const subscriber = await subscribe(broker.url);
    const truth = { gateway: "online", front: plugged.front ? "online" : "offline", back: plugged.back ? "online" : "offline" };
    const seen = (): object => Object.fromEntries(Object.entries(STATUS).map(([what, topic]) => [what, subscriber.texts(topic).at(-1)]));
    await subscriber.until(`the status after ${kill} kills: ${JSON.stringify(truth)}`, () => JSON.stringify(seen()) === JSON.stringify(truth));
    t.same(seen(), truth, `after ${kill} kills`);
    for (const source of ["front", "back"] as const) {
      if (!plugged[source]) continue;
      await subscriber.until(`events of both models at ${source}`, () => {
        const fresh = eventsOf(subscriber, source).filter(({ historical }) => !historical);
        return new Set(fresh.map(({ model }) => model.name)).size === 2;
      });
    }
    for (const source of ["front", "back"] as const) {
      const numbers = eventsOf(subscriber, source).map(({ seq }) => seq);
      t.ok(numbers.every((seq, k) => k === 0 || seq > numbers[k - 1]!), `${source}: numbers rise`);
    }
    await subscriber.close();
    if (kill === 2) descriptors = openFiles(gateway.pid);
    if (kill === KILLS) break;
    await broker.kill();
    // Meanwhile one camera is pulled out, or plugged in again.
    const which = kill % 2 === 0 ? "back" : "front";
    if (kill % 4 < 2) await cameras[which].unplug();
    else await cameras[which].plug();
    plugged[which] = kill % 4 >= 2;
    broker = await startMosquitto(port);
    t.ok(gateway.alive, `it lives after ${kill + 1} kills`);
  }
  if (KILLS >= 4) t.ok(openFiles(gateway.pid) <= descriptors + 4, `${openFiles(gateway.pid)} files open, ${descriptors} after two kills`);
  t.equal(await gateway.stop(), 0, gateway.journal);
  const last = await subscribe(broker.url);
  t.teardown(() => last.close());
  await until("all offline", () => Object.values(STATUS).every((topic) => last.texts(topic).at(-1) === "offline"));
});

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
