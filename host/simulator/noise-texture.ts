import type { Random } from "./random.js";

const SIDE = 64;

/** Random hills, smooth and endless: what cloth, walls and carpets have in common. Mean 0, about −1..1. */
export class NoiseTexture {
  readonly #values = new Float32Array(SIDE * SIDE);

  constructor(random: Random) {
    for (let i = 0; i < this.#values.length; i++) this.#values[i] = random.between(-1, 1);
  }

  /** @param x, y  in hills */
  at(x: number, y: number): number {
    const column = Math.floor(x);
    const row = Math.floor(y);
    const fx = ease(x - column);
    const fy = ease(y - row);
    const left = column & (SIDE - 1);
    const right = (column + 1) & (SIDE - 1);
    const upper = (row & (SIDE - 1)) * SIDE;
    const lower = ((row + 1) & (SIDE - 1)) * SIDE;
    const v = this.#values;
    const above = v[upper + left]! + fx * (v[upper + right]! - v[upper + left]!);
    const below = v[lower + left]! + fx * (v[lower + right]! - v[lower + left]!);
    return above + fy * (below - above);
  }
}

function ease(f: number): number {
  return f * f * (3 - 2 * f);
}
