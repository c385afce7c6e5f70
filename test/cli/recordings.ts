import { digitRecording } from "../../host/simulator/digits.js";
import type { Events } from "../../host/types.js";

/** Events as N-MNIST's five bytes each; t below 2^23 µs. */
export function nmnistBytes({ count, t, x, y, p }: Events): Uint8Array {
  const bytes = new Uint8Array(count * 5);
  for (let i = 0; i < count; i++)
    bytes.set([x[i]!, y[i]!, (p[i]! << 7) | (t[i]! >>> 16), (t[i]! >>> 8) & 255, t[i]! & 255], i * 5);
  return bytes;
}

/** A simulated digit as an N-MNIST file. */
export function digitFile(digit: number, seed = 1): Uint8Array {
  return nmnistBytes(digitRecording(seed, digit).events);
}
