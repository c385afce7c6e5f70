import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { packageBytes, readNetworkFile } from "../host/cli/import-package.js";
import { NOTHING, table } from "../host/cli/text.js";
import { loadEngine } from "../host/engine/engine.js";
import { nameOf } from "../host/heads/classification.js";
import { frame, infer, type Network } from "../host/pipeline.js";
import { ACTIONS, parseClipName } from "../host/simulator/actions.js";
import { actorRecording } from "../host/simulator/actor/recording.js";
import { readDepthClip } from "../host/simulator/depth/clip.js";
import { depthRecording } from "../host/simulator/depth/recording.js";
import { plainVariation } from "../host/simulator/depth/variation.js";
import { DVS128_LIKE, type DvsOptions } from "../host/simulator/dvs.js";
import { Random } from "../host/simulator/random.js";
import { Tally } from "../host/tally.js";
import type { Events } from "../host/types.js";
import { readPackage } from "../models/package/reader.js";
import { sharedData } from "../test/data.js";

/**
 * How real simulated people look to a network that has only seen real ones: sinabs' DVS128 Gesture network, imported and quantised, names
 * what UTD-MHAD's people and the actor do. Prints what it says of each action that it knows. Only training subjects are shown:
 * node build/bench/gestures.js [--clips 16] [--scale 0.56] [--refractory 1000]
 */

const WEIGHTS = "dvs/pretrained/sinabs/dvs_gesture_params.pt";
const DEPTH = "motion/utd-mhad/depth";
/** Of DVS128 Gesture, in the order of the network's outputs. */
const GESTURES = ["clap", "right wave", "left wave", "right cw", "right ccw", "left cw", "left ccw", "arm roll", "drums", "guitar", "other"];
/** What each action is among the gestures, and what comes near: gestures of the same arm. */
const EXPECTED: Readonly<Record<string, { readonly same: string; readonly near: readonly string[] }>> = {
  wave: { same: "right wave", near: ["right cw", "right ccw"] },
  clap: { same: "clap", near: ["arm roll", "drums"] },
  draw_circle_cw: { same: "right cw", near: ["right ccw", "right wave"] },
  draw_circle_ccw: { same: "right ccw", near: ["right cw", "right wave"] },
};
const SUBJECTS = [1, 3, 5, 7];
const TRIALS = [1, 2, 3, 4];

const conv = (weight: string, more: object = { padding: 1 }): object[] => [{ type: "Conv2d", weight, ...more }, { type: "IF" }];
const pool = { type: "AvgPool2d", kernel: 2 };
/** As data/README.md has it. */
const LAYERS = JSON.stringify({
  input: [2, 128, 128],
  layers: [
    ...conv("0.weight", { stride: 2 }), ...conv("2.weight"), pool, ...conv("5.weight"), pool, ...conv("8.weight"), pool, ...conv("11.weight"), pool,
    ...conv("14.weight"), pool, ...conv("18.weight", {}), { type: "Flatten" }, { type: "Linear", weight: "22.weight" }, { type: "IF" },
    { type: "Linear", weight: "24.weight" },
  ],
});

async function openJudge(): Promise<Network> {
  const file = sharedData(WEIGHTS);
  if (file === undefined) throw new Error(`the judge needs ../shared/data/${WEIGHTS}`);
  const options = { name: "gestures.pt", layers: LAYERS, ruleName: "speck", rule: { dt: 0.01 }, windowMicros: 100_000 } as const;
  const imported = await readNetworkFile(readFileSync(file), options, { name: "gestures", labels: GESTURES, state: "keep", licence: "Apache-2.0" });
  const pkg = readPackage(await packageBytes(imported));
  const engine = await loadEngine(pkg, { tune: true });
  return { pkg, engine, stream: engine.stream() };
}

/** The gesture that gathers most over the whole recording. */
async function named(events: Events, judge: Network): Promise<string> {
  const sums = new Float64Array(GESTURES.length);
  const tally = new Tally();
  const source = {
    size: { width: 128, height: 128 },
    drops: {},
    async *decode() {
      yield events;
    },
  };
  for await (const { logits } of infer(frame(source, judge.pkg.card, tally), judge, tally)) logits.forEach((logit, i) => (sums[i]! += logit));
  return nameOf(sums, GESTURES) ?? NOTHING;
}

async function clipEvents(name: string, scale: number, sensor: DvsOptions): Promise<Events> {
  const clip = await readDepthClip(readFileSync(sharedData(`${DEPTH}/${name}.dpx.xz`)!), name);
  const random = new Random(1, ...Buffer.from(name));
  const plain = plainVariation(random);
  return depthRecording(clip, { ...plain, framing: { ...plain.framing, scale }, sensor }, random).events;
}

const { values } = parseArgs({
  options: {
    clips: { type: "string", default: "16" },
    scale: { type: "string", default: "0.56" },
    refractory: { type: "string", default: "1000" },
  },
});
const sensor: DvsOptions = { ...DVS128_LIKE, refractoryMicros: Number(values.refractory) };
const judge = await openJudge();
const rows: (readonly (string | number)[])[] = [];
const totals = { clips: 0, same: 0, near: 0 };
for (const [label, { same, near }] of Object.entries(EXPECTED)) {
  const action = ACTIONS.findIndex((one) => one.label === label) + 1;
  const clips = TRIALS.flatMap((trial) => SUBJECTS.map((subject) => `a${action}_s${subject}_t${trial}`)).filter(
    (name) => parseClipName(name) !== undefined && sharedData(`${DEPTH}/${name}.dpx.xz`) !== undefined,
  );
  for (const [who, show] of [
    ["depth clips", async (i: number) => clipEvents(clips[i]!, Number(values.scale), sensor)],
    ["actor", async (i: number) => actorRecording(1000 + i, [label], { least: 100_000, most: 200_000 }, sensor).events],
  ] as const) {
    const said = new Map<string, number>();
    const count = Math.min(Number(values.clips), clips.length);
    for (let i = 0; i < count; i++) {
      const gesture = await named(await show(i), judge);
      said.set(gesture, (said.get(gesture) ?? 0) + 1);
    }
    const [right, close] = [said.get(same) ?? 0, near.reduce((sum, gesture) => sum + (said.get(gesture) ?? 0), 0)];
    const list = [...said].sort(([, a], [, b]) => b - a).map(([gesture, n]) => `${gesture} ${n}`);
    rows.push([label, who, count, right, close, list.join(", ")]);
    if (who === "actor") continue;
    totals.clips += count;
    totals.same += right;
    totals.near += close;
  }
}
process.stdout.write(`${table([["action", "shown by", "recordings", "named rightly", "nearly", "what the network says"], ...rows])}`);
const nearly = totals.same + totals.near;
process.stdout.write(`depth clips: ${totals.same} of ${totals.clips} named rightly, ${nearly} rightly or nearly; by chance 1 in ${GESTURES.length}\n`);
