import { CLASSES, fanIn, MAX_COUNT, taps } from "../networks/layers.js";
import { scaleOf, type Network, type NetworkLayer } from "../networks/network.js";
import { ONE } from "../networks/neurons.js";
import { torchOrder } from "../networks/program.js";
import { encodeModel, type Initializer, type Node } from "./model.js";

/**
 * counts: floats that are rounded and clipped as ours are: to prove that it is the same network.
 * fp32: the form that runs fastest there: a clipped ReLU, which fuses into the convolution.
 * int8: the same, quantised: weights i8 by channel, activations u8 over 0..D, whose ends clip by themselves, so that every convolution
 * becomes one QLinearConv.
 */
export const ONNX_FORMS = ["counts", "fp32", "int8"] as const;
export type OnnxForm = (typeof ONNX_FORMS)[number];

const ACTIVATION_SCALE = MAX_COUNT / 255;

/** A network of counts with a head as ONNX; input [1, c, h, w], f32, or u8 of the int8 form; output "logits" f32[1, CLASSES]. */
export function onnxModel({ parts, headWeights }: Network, form: OnnxForm): Uint8Array {
  const nodes: Node[] = [];
  const initializers: Initializer[] = form === "int8" ? [] : [scalar("zero", 0), scalar("most", MAX_COUNT)];
  if (form === "counts") initializers.push(scalar("one", ONE), scalar("half", 0.5));
  let value = "frame";
  if (form === "int8") {
    initializers.push(scalar("frame.scale", 1), scalar("scale", ACTIVATION_SCALE), { name: "zero.u8", dims: [], data: Uint8Array.of(0) });
    nodes.push({ op: "DequantizeLinear", inputs: ["frame", "frame.scale", "zero.u8"], output: "frame.real" });
    value = "frame.real";
  }
  for (const [i, part] of parts.entries()) value = addLayer(part, form, value, i === 0 ? 1 : ACTIVATION_SCALE, nodes, initializers);
  const { layer } = parts.at(-1)!;
  const pixels = layer.oh * layer.ow;
  initializers.push({ name: "head", dims: [layer.co, CLASSES], data: Float32Array.from(headWeights, weight => weight * pixels) });
  nodes.push(
    { op: "GlobalAveragePool", inputs: [value], output: "pooled" },
    { op: "Flatten", inputs: ["pooled"], output: "flat", attributes: { axis: 1 } },
    { op: "Gemm", inputs: ["flat", "head"], output: "logits" },
  );
  const [{ layer: first }] = parts as readonly [NetworkLayer];
  return encodeModel({
    input: { name: "frame", type: form === "int8" ? "uint8" : "float32", dims: [1, first.ci, first.h, first.w] },
    output: { name: "logits", type: "float32", dims: [1, CLASSES] },
    nodes,
    initializers,
  });
}

/** @param scale  real value of one step of the layer's input in the int8 form    @returns the name of the layer's output */
function addLayer(part: NetworkLayer, form: OnnxForm, input: string, scale: number, nodes: Node[], initializers: Initializer[]): string {
  const { layer, weights, drive } = part, { name, co } = layer;
  const side = Math.sqrt(taps(layer)), pad = side >> 1;
  const dims = [co, fanIn(layer) / taps(layer), side, side];
  const scales = Float32Array.from({ length: co }, (_, c) => scaleOf(drive, c));
  const whole = torchOrder(layer, weights);
  const attributes = {
    kernel_shape: [side, side], strides: [layer.stride, layer.stride], pads: [pad, pad, pad, pad], dilations: [1, 1],
    group: layer.kind === "depthwise" ? co : 1,
  };
  if (form === "int8") {
    initializers.push(
      { name: `${name}.w8`, dims, data: whole },
      { name: `${name}.ws`, dims: [co], data: scales },
      { name: `${name}.wz`, dims: [co], data: new Int8Array(co) },
      { name: `${name}.b32`, dims: [co], data: Int32Array.from(drive.bias, bias => Math.round(bias / scale)) },
      { name: `${name}.bs`, dims: [co], data: scales.map(weight => weight * scale) },
      { name: `${name}.bz`, dims: [co], data: new Int32Array(co) },
    );
    nodes.push(
      { op: "DequantizeLinear", inputs: [`${name}.w8`, `${name}.ws`, `${name}.wz`], output: `${name}.w`, attributes: { axis: 0 } },
      { op: "DequantizeLinear", inputs: [`${name}.b32`, `${name}.bs`, `${name}.bz`], output: `${name}.b`, attributes: { axis: 0 } },
      { op: "Conv", inputs: [input, `${name}.w`, `${name}.b`], output: `${name}.sum`, attributes },
      { op: "QuantizeLinear", inputs: [`${name}.sum`, "scale", "zero.u8"], output: `${name}.q` },
      { op: "DequantizeLinear", inputs: [`${name}.q`, "scale", "zero.u8"], output: `${name}.out` },
    );
    return `${name}.out`;
  }
  const row = whole.length / co;
  initializers.push(
    { name: `${name}.w`, dims, data: Float32Array.from(whole, (weight, i) => weight * scales[Math.floor(i / row)]!) },
    { name: `${name}.b`, dims: [co], data: Float32Array.from(drive.bias, (bias, c) => bias * scales[c]!) },
  );
  nodes.push({ op: "Conv", inputs: [input, `${name}.w`, `${name}.b`], output: `${name}.sum`, attributes });
  const real = form === "counts" ? rounded(`${name}.sum`, nodes) : `${name}.sum`;
  nodes.push({ op: "Clip", inputs: [real, "zero", "most"], output: `${name}.out` });
  return `${name}.out`;
}

/** Half up to a fraction of FRACTION_BITS, then half up to a whole number: as the neuron does it. */
function rounded(value: string, nodes: Node[]): string {
  const steps = [["Mul", "one"], ["Add", "half"], ["Floor"], ["Div", "one"], ["Add", "half"], ["Floor"]] as const;
  return steps.reduce((from, [op, ...constant], i) => {
    nodes.push({ op, inputs: [from, ...constant], output: `${value}.${i}` });
    return `${value}.${i}`;
  }, value);
}

function scalar(name: string, value: number): Initializer {
  return { name, dims: [], data: Float32Array.of(value) };
}
