import { Engine, type OpProfile } from "../../host/engine/engine.js";
import { frame } from "../../host/pipeline.js";
import { openRecording } from "../../host/recording.js";
import { readDataset } from "../../host/cli/dataset.js";
import { Tally } from "../../host/tally.js";
import type { Events, LoadedPackage } from "../../host/types.js";

const RESET = 0xffffffff, WINDOW = 0xfffffffe;

/** Recordings as words for test/embed/c/replay.c, and what Node's engine says of them. */
export interface Script {
  readonly words: Uint32Array;
  /** The first output after each step, i32. */
  readonly logits: Int32Array;
  readonly recordings: number;
  readonly steps: number;
  /** Σ over steps and weighted ops. */
  readonly synapticOperations: number;
  readonly profile: readonly OpProfile[];
}

/** The first recordings of a data set, each from a reset stream, through the plain build. */
export async function scriptOf(pkg: LoadedPackage, data: string, recordings: number): Promise<Script> {
  const engine = new Engine(pkg.plan, pkg.constants, { build: "scalar", profile: true }), stream = engine.stream();
  const { samples, sensor } = await readDataset(data, recordings);
  const words: number[] = [], logits: number[] = [];
  for (const { path, format } of samples) {
    stream.reset();
    words.push(RESET);
    for await (const { events, sliceEnds } of frame(await openRecording(path, { format, size: sensor }), pkg.card, new Tally())) {
      if (pkg.card.framing.state === "reset") {
        stream.reset();
        words.push(RESET);
      }
      stream.beginWindow();
      words.push(WINDOW);
      let from = 0;
      for (const to of sliceEnds) {
        words.push(to - from, ...pixelWords(events, from, to));
        stream.frame(events, from, to);
        stream.step();
        logits.push(...engine.outputs[0]!);
        from = to;
      }
    }
  }
  return {
    words: Uint32Array.from(words), logits: Int32Array.from(logits), recordings: samples.length, steps: logits.length / engine.outputs[0]!.length,
    synapticOperations: engine.profile().reduce((sum, op) => sum + op.synapticOperations, 0), profile: engine.profile(),
  };
}

function pixelWords({ x, y, p }: Events, from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => (x[from + i]! | (y[from + i]! << 15) | (p[from + i]! === 0 ? 0 : 0x80000000)) >>> 0);
}
