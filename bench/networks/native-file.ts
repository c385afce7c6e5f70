import { taps, type Layer } from "./layers.js";
import type { Network } from "./network.js";
import { thresholdsOf } from "./neurons.js";

const MAGIC = 0x4e424353;
const KINDS: Readonly<Partial<Record<Layer["kind"], number>>> = { conv: 0, depthwise: 1, pointwise: 2 };

/** A counts network with a head as bench/native/network.c reads it: little-endian words, weights and frames behind them. */
export function nativeFile({ parts, inputs, headWeights, neuron, head: hasHead }: Network): Uint8Array {
  if (neuron !== "counts" || !hasHead) throw new RangeError("the native kernels run counts networks with a head");
  const chunks: Uint8Array[] = [words([MAGIC, parts.length, inputs.length])];
  for (const { layer, weights, drive } of parts) {
    const { kind, stride, h, w, ci, oh, ow, co } = layer;
    if (KINDS[kind] === undefined || co % 16 !== 0) throw new RangeError(`the native kernels run no ${kind} to ${co} channels`);
    const thresholds = thresholdsOf(drive);
    const head = [KINDS[kind], stride, Math.sqrt(taps(layer)), h, w, ci, oh, ow, co, weights.length];
    chunks.push(words(head), words(thresholds), padded(weights));
  }
  chunks.push(padded(headWeights), ...inputs);
  return new Uint8Array(Buffer.concat(chunks));
}

function words(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (let i = 0; i < values.length; i++) view.setInt32(i * 4, values[i]!, true);
  return new Uint8Array(view.buffer);
}

function padded(values: Int8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 4) * 4);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return bytes;
}
