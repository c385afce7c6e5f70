import { DType, FrameKind, Neuron, Op } from "../../assembly/abi.js";
import type { Program } from "../../models/package/program.js";
import type { SensorSize } from "../../host/types.js";
import { ProgramBuilder } from "./builder.js";
import { neuron } from "./neuron-builder.js";
import { Random } from "./random.js";

/** A cloud of points, a layer that they share, the maximum over them, ten logits. */
export function cloudProgram(points: number, sensor: SensorSize): Program {
  const random = new Random("cloud");
  const builder = new ProgramBuilder();
  const input = builder.tensor({ dtype: DType.I8, h: 1, w: points, c: 4, bound: 127 });
  const sums = builder.weighted(Op.Pointwise, input, 16, { kernel: [1, 1] }, { values: random.integers(64, -127, 127) });
  const spikes = neuron(builder, sums, { kind: Neuron.Counts, period: 1, fractionBits: 12, maxCount: 4 });
  const most = builder.maxPool(spikes, { kernel: [1, points], stride: [1, points] });
  const logits = builder.weighted(Op.Linear, most, 10, { kernel: [1, 1] }, { values: random.integers(160, -127, 127) });
  return builder.build(input, [logits], { timesteps: 2, frame: FrameKind.Points, sensor });
}
