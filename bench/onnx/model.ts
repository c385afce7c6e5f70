import { bytes, float, int, message, text, type Field } from "./protobuf.js";

/** Field numbers and enums of onnx.proto3, IR version 8. */
const IR_VERSION = 8, OPSET = 13;
const ELEMENT = { float32: 1, uint8: 2, int8: 3, int32: 6 } as const;
const ATTRIBUTE = { float: 1, int: 2, ints: 7 } as const;

export interface Initializer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Uint8Array | Int8Array | Int32Array;
}
export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}
export interface Value {
  readonly name: string;
  readonly type: keyof typeof ELEMENT;
  readonly dims: readonly number[];
}
export interface Model {
  readonly input: Value;
  readonly output: Value;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
}

/** An .onnx file. Whole attributes are written as integers. */
export function encodeModel({ input, output, nodes, initializers }: Model): Uint8Array {
  const graph = [
    ...nodes.map(node => message(1, nodeFields(node))),
    text(2, "network"),
    ...initializers.map(tensor => message(5, tensorFields(tensor))),
    message(11, valueFields(input)),
    message(12, valueFields(output)),
  ];
  const fields = [int(1, IR_VERSION), text(2, "saccade bench"), message(7, graph), message(8, [text(1, ""), int(2, OPSET)])];
  return new Uint8Array(Buffer.concat(fields));
}

function nodeFields({ op, inputs, output, attributes = {} }: Node): Field[] {
  return [
    ...inputs.map(name => text(1, name)), text(2, output), text(3, output), text(4, op),
    ...Object.entries(attributes).map(([name, value]) => message(5, [text(1, name), ...attributeFields(value)])),
  ];
}

function attributeFields(value: number | readonly number[]): Field[] {
  if (typeof value !== "number") return [...value.map(item => int(8, item)), int(20, ATTRIBUTE.ints)];
  return Number.isInteger(value) ? [int(3, value), int(20, ATTRIBUTE.int)] : [float(2, value), int(20, ATTRIBUTE.float)];
}

function tensorFields({ name, dims, data }: Initializer): Field[] {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [...dims.map(dim => int(1, dim)), int(2, ELEMENT[typeOf(data)]), text(8, name), bytes(9, raw)];
}

function typeOf(data: Initializer["data"]): keyof typeof ELEMENT {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Int32Array) return "int32";
  return data instanceof Int8Array ? "int8" : "uint8";
}

function valueFields({ name, type, dims }: Value): Field[] {
  const shape = dims.map(dim => message(1, [int(1, dim)]));
  return [text(1, name), message(2, [message(1, [int(1, ELEMENT[type]), message(2, shape)])])];
}
