import { Neuron, NeuronField, Op } from "../../assembly/abi.js";

const OPS: Readonly<Record<Op, string>> = {
  [Op.Conv2d]: "Conv2d", [Op.Depthwise]: "Depthwise", [Op.Pointwise]: "Pointwise", [Op.Linear]: "Linear", [Op.Requantise]: "Requantise",
  [Op.Add]: "Add", [Op.Concat]: "Concat", [Op.MaxPool]: "MaxPool", [Op.SumPool]: "SumPool", [Op.AvgPool]: "AvgPool",
  [Op.Upsample]: "Upsample", [Op.GlobalMean]: "GlobalMean", [Op.DelayRead]: "DelayRead", [Op.DelayWrite]: "DelayWrite",
  [Op.Neuron]: "Neuron",
};

const NEURONS: Readonly<Record<Neuron, string>> = {
  [Neuron.Counts]: "Counts", [Neuron.Thresholds]: "Thresholds", [Neuron.LIF]: "LIF", [Neuron.CubaLIF]: "CubaLIF", [Neuron.LI]: "LI",
  [Neuron.CubaLI]: "CubaLI",
};

/** What a person calls an op: a Neuron by its kind. */
export function opName(op: Op, words: Readonly<Record<number, number>> = {}): string {
  return op === Op.Neuron ? NEURONS[words[NeuronField.Kind] as Neuron] ?? OPS[op] : OPS[op];
}
