import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { FrameKind } from "../../assembly/abi.js";
import { graphOf } from "../../bench/networks/program.js";
import { mobileLayers } from "../../bench/networks/layers.js";
import { makeNetwork } from "../../bench/networks/network.js";
import { Engine } from "../../host/engine/engine.js";
import type { StatsMessage } from "../../host/publishers/messages.js";
import { lower } from "../../models/package/lower.js";
import { makeSelfTest } from "../../models/package/self-test.js";
import { buildPackage } from "../../models/package/writer.js";
import { freePort, startMosquitto, subscribe } from "../publishers/brokers.js";
import { checkStatsJson } from "../publishers/schemas.js";
import type { FloodOrders, Flooded } from "./flood-camera.js";
import { startGateway } from "./gateway-process.js";

/** 600 for the long form. */
const SECONDS = Number(process.env["SACCADE_FLOOD_SECONDS"] ?? 5);
const EVENTS_PER_SECOND = 1_000_000, SIDE = 128, WINDOW_MICROS = 50_000, TIMESTEPS = 5;
const CAMERA = fileURLToPath(new URL("flood-camera.js", import.meta.url));

/** 13.3 MMAC a timestep on 128 × 128 pixels, of drawn weights. */
async function network(): Promise<Uint8Array> {
  const drawn = makeNetwork({ layers: mobileLayers(SIDE), neuron: "counts", density: 0.1, head: true, frames: 2, seed: 1 });
  const program = lower(graphOf(drawn), { timesteps: TIMESTEPS, frame: FrameKind.Counts, frameCap: 7 });
  const selfTest = await makeSelfTest(program, (plan, constants, frames, timesteps) => new Engine(plan, constants).digest(frames, timesteps));
  const labels = Array.from({ length: 10 }, (_, k) => `label-${k}`);
  return buildPackage({
    program, graph: {}, selfTest,
    card: {
      name: "drawn", version: "0.0.1", task: "classification", labels, sensor: { kind: "dvs", width: SIDE, height: SIDE },
      framing: { kind: "time", windowMicros: WINDOW_MICROS, timesteps: TIMESTEPS, frame: "counts", cap: 7, state: "reset" },
      vote: { wins: 1, of: 1 }, licence: "Apache-2.0", provenance: { made: "test/gateway/flood.test.ts" }, scores: [],
    },
  });
}

t.test("a million events a second over a pty, the bridge, the engine and MQTT: none is dropped", { timeout: 60_000 + SECONDS * 2000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "saccade-flood-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "drawn.saccade"), await network());
  const broker = await startMosquitto(await freePort());
  t.teardown(() => broker.kill());
  const subscriber = await subscribe(broker.url);
  t.teardown(() => subscriber.close());
  const camera = fork(CAMERA);
  t.teardown(() => camera.kill());
  const orders: FloodOrders = { path: join(folder, "camera"), side: SIDE, eventsPerSecond: EVENTS_PER_SECOND, seconds: SECONDS };
  camera.send(orders);
  await once(camera, "message");
  const gateway = startGateway(join(folder, "saccade.yaml"), `
gateway: flood
state-folder: ${folder}
mqtt: { url: "${broker.url}" }
models: { drawn: { package: drawn.saccade, workers: 1 } }
sources:
  camera: { serial: { port: ${orders.path}, baud: 12000000 }, format: bridge, models: [drawn] }
`);
  t.teardown(() => gateway.stop());
  const [{ sent, lost }] = (await once(camera, "message")) as [Flooded];
  t.equal(lost, 0, "the device lost none");
  t.equal(sent, EVENTS_PER_SECOND * SECONDS);
  const statistics = (): StatsMessage[] => subscriber.texts("saccade/flood/src/camera/stats").map((text) => JSON.parse(text) as StatsMessage);
  await subscriber.until("statistics of all events", () => statistics().at(-1)?.in.events === sent);
  const { drop, models: [model], in: came } = statistics().at(-1)!;
  for (const text of subscriber.texts("saccade/flood/src/camera/stats")) checkStatsJson(t, text);
  t.same(drop, {}, "nothing at the source");
  t.equal(came.connections, 1);
  // On a machine that is busy with other things a chunk may come after the clock has closed its window: its events go into the next.
  const { frame_saturated = 0, late = 0, time_backwards: _moved, ...dropped } = model!.drop;
  t.same(dropped, {}, "nothing before the engine, and no window");
  t.comment(`${frame_saturated} of ${sent} events beyond a frame's cap, ${late} late; window to result p50 ${model!.p50_us}, p99 ${model!.p99_us} µs; ${statistics().at(-1)!.rss_kb} KiB resident`);
  t.ok(model!.inferences >= (SECONDS * 1e6) / WINDOW_MICROS - 2, `${model!.inferences} inferences`);
  t.ok(subscriber.on("saccade/flood/src/camera/event").length > 0);
  t.equal(await gateway.stop(), 0, gateway.journal);
});
