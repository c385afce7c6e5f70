import { Rounding } from "../../assembly/abi.js";
import { ModelError } from "../errors.js";
import { isNeuron, isSpiking, isWeighted, unsupported, wiring, type FloatNode, type Wiring } from "../graph/graph.js";
import type { IntegerGraph, IntegerNode } from "../graph/integer.js";
import { recurrentDelays, topologicalOrder } from "../graph/order.js";
import { broadcast, hwc, type Shape } from "../graph/shapes.js";
import type { Prepared } from "../passes/pipeline.js";
import { dynamicsOf } from "./dynamics.js";
import { fixedPoint, maximum, toParameter } from "./fixed-point.js";
import { loihiNeuron, loihiWeights } from "./loihi.js";
import { quantiseIntegrating, quantiseSpiking, type NeuronResult } from "./neurons.js";
import { readout } from "./readout.js";
import type { NeuronReport, RequantiseReport, WeightReport } from "./report.js";
import type { Rule } from "./rule.js";
import { quantiseThreshold } from "./threshold.js";
import { channelsOf, sumType, uniformScale, type Value } from "./values.js";
import { bitsOf, INT8, mustName, type WeightChoice } from "./weight-choice.js";
import { quantiseWeighted, sharedScales, type Branch } from "./weighted.js";
import { MAX_WEIGHT } from "./weights.js";

export interface QuantiseOptions {
  readonly rule: Rule;
  /** Frames are u8 counts 0..bound, or i8 −bound..bound. */
  readonly input: { readonly dtype: "u8" | "i8"; readonly bound: number; readonly scale: number };
  /** T of a window: what an integrator without leak must hold. */
  readonly timesteps: number;
  /** Default: all int8. */
  readonly weights?: WeightChoice;
  /** Scale rows to lose the least, instead of by their greatest weight; default where weights are int4. */
  readonly searchScales?: boolean;
  /** Greatest |value| seen of nodes, from calibration; others are bounded by their worst case. */
  readonly ranges?: ReadonlyMap<string, number>;
}

export interface Quantised {
  readonly graph: IntegerGraph;
  readonly weights: readonly WeightReport[];
  readonly neurons: readonly NeuronReport[];
  readonly requantised: readonly RequantiseReport[];
}

/**
 * A prepared float graph in integers: weights int8 or int4 a channel, potentials i32, everything else counts. The first output ends in a readout
 * that adds up a window's spikes, unless the network reads out itself.
 */
export function quantise(prepared: Prepared, options: QuantiseOptions): Quantised {
  return new Quantiser(prepared, options).run();
}

class Quantiser {
  private readonly nodes: IntegerNode[] = [];
  private readonly values = new Map<string, Value>();
  private readonly weights: WeightReport[] = [];
  private readonly neurons: NeuronReport[] = [];
  private readonly requantisations: RequantiseReport[] = [];
  private readonly wires: Wiring;

  constructor(
    private readonly prepared: Prepared,
    private readonly options: QuantiseOptions,
  ) {
    this.wires = wiring(prepared.graph);
  }

  run(): Quantised {
    const { graph } = this.prepared;
    const outputs: string[] = [];
    for (const name of topologicalOrder(graph, recurrentDelays(graph)).order) {
      const node = graph.nodes.get(name)!;
      if (node.type === "Output") outputs.push(this.output(name));
      else if (!this.waitsForSum(name, node)) this.values.set(name, this.node(name, node));
    }
    mustName(this.options.weights ?? INT8, this.weights.map(({ node }) => node));
    return {
      graph: { nodes: this.nodes, outputs: [...new Set(outputs)] },
      weights: this.weights,
      neurons: this.neurons,
      requantised: this.requantisations,
    };
  }

  private node(name: string, node: FloatNode): Value {
    const shape = this.prepared.shapes.get(name)!;
    if (isWeighted(node)) return this.weighted([this.branch(name)])[0]!;
    if (isNeuron(node)) return this.neuron(name, node, this.input(name));
    switch (node.type) {
      case "Input":
        return this.inputNode(name, shape);
      case "Flatten": {
        const input = this.uniform(this.input(name), name);
        this.nodes.push({ type: "Flatten", name, input: input.name });
        return { ...input, name, shape, scale: new Float64Array(channelsOf(shape)).fill(input.scale[0]!) };
      }
      case "SumPool2d": {
        const input = this.uniform(this.input(name), name);
        const bound = input.bound * node.kernel[0] * node.kernel[1];
        this.nodes.push({ type: "SumPool2d", name, input: input.name, kernel: node.kernel, stride: node.stride, padding: node.padding });
        return { ...input, name, shape, bound, dtype: sumType(input.dtype, bound) };
      }
      case "StepDelay":
        return this.delay(name, node.steps, shape);
      case "Threshold": {
        const { node: made, value } = quantiseThreshold(
          name,
          broadcast(name, "threshold", node.threshold, shape),
          this.input(name),
          this.options.rule,
        );
        this.nodes.push(made);
        return value;
      }
      case "Add":
        return this.sum(name);
      default:
        throw unsupported(name, `${node.type} is left over after the passes`, "report it as a defect");
    }
  }

  private input(name: string): Value {
    return this.values.get(this.wires.inputs(name)[0]!)!;
  }

  private inputNode(name: string, shape: Shape): Value {
    const { dtype, bound, scale } = this.options.input;
    this.nodes.push({ type: "Input", name, shape: hwc(shape), dtype, bound });
    return { name, shape, dtype, bound, scale: new Float64Array(channelsOf(shape)).fill(scale) };
  }

  /** A recurrent delay stands before what it reads: then only spikes are known beforehand. */
  private delay(name: string, steps: number, shape: Shape): Value {
    const source = this.wires.inputs(name)[0]!;
    const known = this.values.get(source);
    if (known === undefined && !isSpiking(this.prepared.graph.nodes.get(source)!)) {
      throw unsupported(name, "a recurrent delay of values that are not spikes", "put the Delay behind a spiking neuron");
    }
    const value: Value = known ?? {
      name: source,
      shape,
      dtype: "u8",
      bound: this.options.rule.spikes,
      scale: new Float64Array(channelsOf(shape)).fill(1),
    };
    this.nodes.push({ type: "Delay", name, input: source, steps, shape: hwc(shape), dtype: value.dtype, bound: value.bound });
    return { ...value, name };
  }

  /** Weights in front of a sum are quantised together with the sum's other branches. */
  private waitsForSum(name: string, node: FloatNode): boolean {
    return isWeighted(node) && this.wires.readers(name).some((reader) => this.prepared.graph.nodes.get(reader)!.type === "Add");
  }

  private sum(name: string): Value {
    const writers = this.wires.inputs(name);
    const summed = writers.every((writer) => isWeighted(this.prepared.graph.nodes.get(writer)!))
      ? this.weighted(writers.map((writer) => this.branch(writer)))
      : writers.map((writer) => this.uniform(this.values.get(writer)!, name));
    const [first] = summed as [Value, ...Value[]];
    if (summed.some(({ scale }) => scale.some((step, c) => step !== first.scale[c])))
      throw unsupported(name, "adds values of different scales", "put an Affine before each");
    const biases = summed.flatMap(({ bias }) => (bias === undefined ? [] : [bias]));
    const bound = summed.reduce((total, value) => total + value.bound, 0);
    if (bound > 2147483647) throw new ModelError("NETWORK_RANGE", `node ${name}: the sum could reach ${bound}`, "lower --cap");
    this.nodes.push({ type: "Add", name, inputs: summed.map((value) => value.name) });
    return {
      ...first,
      name,
      bound,
      dtype: summed.some(({ dtype }) => dtype === "i32") ? "i32" : first.dtype,
      ...(biases.length > 0 && { bias: first.scale.map((_, c) => biases.reduce((total, bias) => total + bias[c]!, 0)) }),
    };
  }

  private branch(name: string): Branch {
    const node = this.prepared.graph.nodes.get(name)!;
    if (!isWeighted(node)) throw new Error(`${name} has no weights`);
    const fanIn = node.weight.data.length / node.weight.shape[0]!;
    const bits = bitsOf(this.options.weights ?? INT8, name);
    return { name, node, input: this.narrow(this.input(name), fanIn), shape: this.prepared.shapes.get(name)!, bits };
  }

  private weighted(branches: readonly Branch[]): Value[] {
    const results = this.weightsOf(branches);
    return results.map(({ node, value, report }) => {
      this.nodes.push(node);
      this.weights.push(report);
      this.values.set(node.name, value);
      return value;
    });
  }

  private weightsOf(branches: readonly Branch[]): ReturnType<typeof loihiWeights> {
    const { rule, searchScales = branches.some(({ bits }) => bits === 4) } = this.options;
    const neuron = rule.arithmetic === "loihi" ? this.onlyNeuron(branches[0]!.name) : undefined;
    const int4 = branches.find(({ bits }) => bits === 4);
    if (rule.arithmetic === "loihi" && int4 !== undefined)
      throw unsupported(int4.name, "int4 weights in Loihi's arithmetic, which has eight bits", "give --arithmetic scaled, or leave them int8");
    if (neuron !== undefined) return loihiWeights(branches, neuron.gain);
    const scales = sharedScales(branches, searchScales);
    return branches.map((branch) => quantiseWeighted(branch, scales, this.takesBias(branch.name)));
  }

  /** The dynamics of the one neuron that reads a node, through a sum. */
  private onlyNeuron(name: string): ReturnType<typeof dynamicsOf> | undefined {
    const readers = this.wires.readers(name);
    const [reader] = readers;
    if (readers.length !== 1 || reader === undefined) return undefined;
    const node = this.prepared.graph.nodes.get(reader)!;
    if (node.type === "Add") return this.onlyNeuron(reader);
    return isNeuron(node) ? dynamicsOf(reader, node, this.prepared.shapes.get(reader)!, this.options.rule) : undefined;
  }

  /** Whether every reader can add a bias in its own units; a current cannot, its decay would not see it. */
  private takesBias(name: string): boolean {
    return this.wires.readers(name).every((reader) => {
      const node = this.prepared.graph.nodes.get(reader)!;
      if (node.type === "Add") return this.takesBias(reader);
      return (
        node.type === "I" ||
        node.type === "IF" ||
        node.type === "LI" ||
        node.type === "LIF" ||
        node.type === "Threshold" ||
        isWeighted(node) ||
        node.type === "Output"
      );
    });
  }

  private neuron(name: string, node: Extract<FloatNode, { readonly r: unknown }>, input: Value): Value {
    const { rule, timesteps } = this.options;
    const dynamics = dynamicsOf(name, node, input.shape, rule);
    const result: NeuronResult =
      input.loihi !== undefined
        ? loihiNeuron(name, node, dynamics, input, rule)
        : isSpiking(node)
          ? quantiseSpiking(name, node, dynamics, input, rule)
          : quantiseIntegrating(name, node, dynamics, input, rule, Math.max(2, timesteps));
    this.nodes.push(result.node);
    this.neurons.push(result.report);
    return result.value;
  }

  private output(name: string): string {
    const source = this.wires.inputs(name)[0]!;
    const value = this.values.get(source)!;
    const potential = isNeuron(this.prepared.graph.nodes.get(source)!) && value.dtype === "i32";
    if (potential) return value.name;
    const { node, report } = readout(value, this.options.timesteps);
    if (!this.nodes.some((known) => known.name === node.name)) {
      this.nodes.push(node);
      this.neurons.push(report);
    }
    return node.name;
  }

  /** What weights can meet: u8, i8 or i16 with one scale and no bias open. */
  private narrow(value: Value, fanIn: number): Value {
    return value.dtype !== "i32" && value.bias === undefined && uniformScale(value) !== undefined ? value : this.requantised(value, fanIn);
  }

  private uniform(value: Value, reader: string): Value {
    return value.bias === undefined && uniformScale(value) !== undefined ? value : this.requantised(value, 1, reader);
  }

  /** i16 whose greatest step is the worst case, or what calibration saw; small enough that the next sum stays inside i32. */
  private requantised(value: Value, fanIn: number, reader?: string): Value {
    const name = `${value.name}.i16`;
    const known = this.values.get(name);
    if (known !== undefined) return known;
    const real = value.scale.map((step, c) => step * value.bound + Math.abs(value.bias?.[c] ?? 0));
    const seen = this.options.ranges?.get(value.name);
    const range = Math.min(seen ?? Infinity, maximum(real)) || 1;
    const steps = Math.max(1, Math.min(32767, Math.floor(2 ** 30 / (MAX_WEIGHT * fanIn))));
    const step = range / steps;
    const fixed = fixedPoint(value.scale.map((scale) => scale / step));
    if (fixed === undefined) throw unsupported(reader ?? value.name, "values that no i16 can hold", "check the weights before it");
    const { shape } = value;
    const spread = (entries: ArrayLike<number>): Int32Array | number =>
      toParameter(
        Array.from({ length: value.scale.length }, (_, c) => entries[c]!),
        [value.scale.length],
      );
    this.nodes.push({
      type: "Requantise",
      name,
      input: value.name,
      multiplier: spread(fixed.multiplier),
      shift: fixed.shift,
      rounding: Rounding.HalfUp,
      ...(value.bias && { offset: spread(value.bias.map((bias) => Math.round(bias / step))) }),
      dtype: "i16",
      fractionBits: 0,
    });
    this.requantisations.push({ node: name, source: value.name, unit: step, range: seen === undefined ? "worst case" : "calibrated" });
    const most = Math.min(
      32767,
      Math.round((maximum(fixed.multiplier) * value.bound) / 2 ** fixed.shift) +
        1 +
        maximum(value.bias?.map((bias) => Math.round(bias / step)) ?? []),
    );
    const made: Value = { name, shape, dtype: "i16", bound: most, scale: new Float64Array(value.scale.length).fill(step) };
    this.values.set(name, made);
    return made;
  }
}
