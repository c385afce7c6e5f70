import { readFileSync } from "node:fs";
import t from "tap";
import { FrameKind } from "../../assembly/abi.js";
import { Engine } from "../../host/engine/engine.js";
import { argmax } from "../../host/heads/classification.js";
import { openRecording } from "../../host/recording.js";
import type { Events } from "../../host/types.js";
import { stopHdf5 } from "../../models/importers/hdf5.js";
import { importNetwork } from "../../models/importers/network.js";
import { lower } from "../../models/package/lower.js";
import { planOf } from "../../models/package/writer.js";
import type { Rule, RuleName } from "../../models/quantise/rule.js";
import { needs, sharedData } from "../data.js";

const FILE = "nir/NIR/cnn_sinabs.nir";
const DATA = "dvs/nmnist-small/test.json";
const RECORDING_SECONDS = 0.3;

/** 100 N-MNIST test recordings. The float network gives 100 % under its own rule at 1, 3 and 10 ms, and 98 % with one spike a step. */
const CASES: readonly { rule: RuleName; options: Partial<Rule>; least: number }[] = [
  { rule: "sinabs", options: { dt: 1e-3 }, least: 99 },
  { rule: "sinabs", options: { dt: 3e-3 }, least: 99 },
  { rule: "sinabs", options: { dt: 1e-2 }, least: 99 },
  { rule: "sinabs", options: { dt: 1e-3, spikes: 1 }, least: 97 },
  { rule: "norse", options: { dt: 1e-3 }, least: 97 },
];

t.teardown(stopHdf5);

interface Sample {
  readonly label: number;
  readonly batches: readonly Events[];
}

async function samples(): Promise<Sample[]> {
  const path = sharedData(DATA)!;
  const listed = JSON.parse(readFileSync(path, "utf8")) as { samples: { file: string; format: string; label: string }[] };
  return Promise.all(
    listed.samples.map(async ({ file, format, label }) => {
      const recording = await openRecording(path.replace("test.json", file), { format });
      const batches: Events[] = [];
      for await (const { count, t: time, x, y, p } of recording.decode()) {
        batches.push({ count, t: time.slice(0, count), x: x.slice(0, count), y: y.slice(0, count), p: p.slice(0, count) });
      }
      return { label: Number(label), batches };
    }),
  );
}

/** The label of a whole recording as one window. */
function classify(engine: Engine, { batches }: Sample, dt: number): number {
  const stream = engine.stream();
  stream.reset();
  stream.beginWindow();
  const [events] = batches as [Events];
  for (let step = 0, from = 0; step < engine.timesteps; step++) {
    let to = from;
    while (to < events.count && events.t[to]! < (step + 1) * dt * 1e6) to++;
    stream.frame(events, from, to);
    stream.step();
    from = to;
  }
  return argmax(engine.logits);
}

t.test("cnn_sinabs.nir on N-MNIST", needs(DATA), async (t) => {
  const recordings = await samples();
  t.ok(
    recordings.every(({ batches }) => batches.length === 1),
    "each recording is one batch",
  );
  for (const { rule, options, least } of CASES) {
    const timesteps = Math.round(RECORDING_SECONDS / options.dt!);
    const { graph, cap, report } = await importNetwork(readFileSync(sharedData(FILE)!), {
      name: FILE,
      ruleName: rule,
      rule: options,
      timesteps,
    });
    const program = lower(graph, { timesteps, frame: FrameKind.Counts, frameCap: cap });
    const engine = new Engine(planOf(program), program.constants);
    const right = recordings.filter((recording) => classify(engine, recording, options.dt!) === recording.label).length;
    t.ok(right >= least, `rule ${rule}, ${JSON.stringify(options)}: ${right} of ${recordings.length}`);
    t.equal(report.rule, rule);
    for (const { node, sqnr_db } of report.weights) t.ok(sqnr_db! > 40, `${node}: ${sqnr_db} dB`);
  }
});
