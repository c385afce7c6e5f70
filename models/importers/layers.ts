import { ModelError } from "../errors.js";
import { type FloatGraph, type FloatNode, scalar, type Tensor } from "../graph/graph.js";
import { Fields } from "../package/fields.js";

const MAX_LAYERS = 1024;
const MAX_NAME = 150;
const MAX_SIZE = 65536;
const TYPES = ["Conv2d", "Linear", "IF", "AvgPool2d", "SumPool2d", "Flatten"] as const;

/**
 * A network as a list of layers, one behind the other, for files that hold weights alone: JSON
 * {"input": [c, h, w], "layers": [{"type", …}]}, with types in NIR's words:
 *   Conv2d     "weight", "bias"?: names of tensors in the file; "stride"? 1, "padding"? 0, "dilation"? 1, "groups"? 1
 *   Linear     "weight", "bias"?
 *   IF         "threshold"? 1, "reset"? 0
 *   AvgPool2d, SumPool2d    "kernel", "stride"? as the kernel
 *   Flatten
 * @throws ModelError NETWORK_CORRUPT
 */
export function graphOfLayers(text: string, tensors: ReadonlyMap<string, Tensor>): FloatGraph {
  const top = new Fields("the list of layers", parsed(text), corrupt);
  const input = sizes(top, "input");
  const layers = top.records("layers", 1, MAX_LAYERS);
  top.end();
  const nodes = new Map<string, FloatNode>([["input", { type: "Input", shape: input }]]);
  const edges = [];
  let last = "input";
  for (const [index, fields] of layers.entries()) {
    const name = String(index);
    nodes.set(name, layerOf(fields, tensors));
    fields.end();
    edges.push({ from: last, to: name });
    last = name;
  }
  nodes.set("output", { type: "Output", shape: [] });
  edges.push({ from: last, to: "output" });
  return { nodes, edges };
}

function layerOf(fields: Fields, tensors: ReadonlyMap<string, Tensor>): FloatNode {
  const tensor = (key: string): Tensor => {
    const name = fields.text(key, MAX_NAME);
    const found = tensors.get(name);
    if (found === undefined)
      throw corrupt(`${fields.what}.${key}: the file has no tensor ${name}, but ${[...tensors.keys()].slice(0, 12).join(", ")}`);
    return found;
  };
  const whole = (key: string, otherwise: number, least = 1): number => (fields.has(key) ? fields.int(key, least, MAX_SIZE) : otherwise);
  const bias = (): { bias: Tensor } | undefined => (fields.has("bias") ? { bias: tensor("bias") } : undefined);
  const type = fields.word("type", TYPES);
  switch (type) {
    case "Conv2d": {
      const [stride, padding, dilation] = [whole("stride", 1), whole("padding", 0, 0), whole("dilation", 1)];
      return {
        type, weight: ranked(fields, tensor("weight"), 4), ...bias(), stride: [stride, stride], padding: [padding, padding],
        dilation: [dilation, dilation], groups: whole("groups", 1),
      };
    }
    case "Linear": {
      const weight = ranked(fields, tensor("weight"), 2);
      return fields.has("bias") ? { type: "Affine", weight, bias: tensor("bias") } : { type, weight };
    }
    case "IF": {
      const [threshold, reset] = [fields.has("threshold") ? fields.number("threshold") : 1, fields.has("reset") ? fields.number("reset") : 0];
      return { type, r: scalar(1), vThreshold: scalar(threshold), vReset: scalar(reset) };
    }
    case "AvgPool2d":
    case "SumPool2d": {
      const kernel = fields.int("kernel", 1, MAX_SIZE);
      const stride = whole("stride", kernel);
      return { type, kernel: [kernel, kernel], stride: [stride, stride], padding: [0, 0] };
    }
    case "Flatten":
      return { type, startDim: 0, endDim: -1 };
  }
}

function ranked({ what }: Fields, tensor: Tensor, rank: number): Tensor {
  if (tensor.shape.length === rank) return tensor;
  throw corrupt(`${what}: its weight has the shape [${tensor.shape.join(", ")}], not one of ${rank} sizes`);
}

function sizes(fields: Fields, key: string): number[] {
  return fields.list(key, 1, 3).map((size) => {
    if (typeof size === "number" && Number.isInteger(size) && size >= 1 && size <= MAX_SIZE) return size;
    throw corrupt(`${fields.what}.${key} is not a list of one to three sizes`);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError("NETWORK_CORRUPT", "the list of layers is no JSON", "correct it", { cause });
  }
}

function corrupt(what: string): ModelError {
  return new ModelError("NETWORK_CORRUPT", what, "correct the list of layers");
}
