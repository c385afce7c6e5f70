import type { Random } from "../random.js";
import { type BodyFrames, MARGIN_PIXELS } from "./body-frames.js";
import { FAR_PIXELS } from "./outline.js";
import { sampleField } from "./raster.js";

/** Pixels from one node of a flow to the next. */
export const NODE_PIXELS = 3;
/** Furthest that anything may move from one frame to the next, pixels: 6 m/s at 3 m from the camera. */
export const MOST_PIXELS = 10;

/** How the person moves from one frame to the next, as seen at one moment in between: nodes[0] is at pixel (left, top). */
export interface Flow {
  readonly columns: number;
  readonly rows: number;
  readonly left: number;
  readonly top: number;
  /** f32[rows, columns], pixels a frame. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** The nodes that move; none when nothing does. */
  moving: readonly number[];
}

/** What is compared about a node: 5 × 5 pixels. */
const REACH = 2;
/** Depth's part in a comparison: so many mm weigh as much as a pixel of outline, and never more than this many pixels. */
const DEPTH_PER_PIXEL = 60;
const MOST_DEPTH = 2;
/** Below this mean difference nothing has moved. */
const STILL = 0.25;
/** What a pixel of difference from the neighbours' motion costs, and a pixel of motion. */
const ROUGHNESS = 0.05;
const RESTLESSNESS = 0.03;
const ROUNDS = 3;

/** How far beyond the person there are nodes, pixels; so far in that everything that moves to or from there is inside the frames. */
const NODES_BEYOND = 5;

/** Rows and columns of nodes for the frames of a clip; nothing moves yet. */
export function stillFlow({ width, height }: BodyFrames): Flow {
  const edge = MARGIN_PIXELS - NODES_BEYOND;
  const columns = Math.ceil((width - 2 * edge) / NODE_PIXELS) + 1;
  const rows = Math.ceil((height - 2 * edge) / NODE_PIXELS) + 1;
  return { columns, rows, left: edge, top: edge, x: new Float32Array(columns * rows), y: new Float32Array(columns * rows), moving: [] };
}

/** Compares frames `first` and `first + 1` along motions. */
class Comparison {
  readonly #a: number;
  readonly #b: number;
  constructor(readonly frames: BodyFrames, first: number) {
    this.#a = first * frames.pixels;
    this.#b = this.#a + frames.pixels;
  }

  /**
   * Mean difference of the frames about (x, y), were it moving by (dx, dy) a frame, at moment `part` of 0..1 between them.
   * All but `part` whole numbers.
   */
  at(x: number, y: number, dx: number, dy: number, part: number): number {
    const { width, outline, depth } = this.frames;
    const ax = Math.round(x - part * dx);
    const ay = Math.round(y - part * dy);
    const atA = this.#a + ay * width + ax;
    const shift = this.#b - this.#a + dy * width + dx;
    let sum = 0;
    for (let row = -REACH * width; row <= REACH * width; row += width)
      for (let i = atA + row - REACH; i <= atA + row + REACH; i++) {
        const a = outline[i]!;
        const b = outline[i + shift]!;
        sum += Math.abs(a - b);
        if (a < 0 && b < 0) sum += Math.min(MOST_DEPTH, Math.abs(depth[i]! - depth[i + shift]!) / DEPTH_PER_PIXEL);
      }
    return sum / 25;
  }
}

/**
 * How the person moves from frame `first` to the next, as seen half way, nodes in steps of a pixel: for each node the motion under which
 * what it comes from and what it goes to look most alike in outline and depth.
 * @param before the flow of the frames before: where to look first
 * Source: Barnes et al. 2009, doi:10.1145/1531326.1531330, for the search: neighbours' answers, then random ones ever nearer.
 */
export function findFlow(frames: BodyFrames, first: number, before: Flow, random: Random): Flow {
  const flow = stillFlow(frames);
  const { columns, rows, left, top } = flow;
  const compare = new Comparison(frames, first);
  const moving: number[] = [];
  const costs = new Float32Array(columns * rows);
  for (let node = columns; node < costs.length - columns; node++) {
    const column = node % columns;
    if (column === 0 || column === columns - 1) continue;
    const x = left + column * NODE_PIXELS;
    const y = top + Math.floor(node / columns) * NODE_PIXELS;
    if (frames.outline[first * frames.pixels + y * frames.width + x]! >= FAR_PIXELS) continue;
    costs[node] = compare.at(x, y, 0, 0, 0.5);
    if (costs[node]! > STILL) moving.push(node);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const forward = round % 2 === 0;
    for (let k = 0; k < moving.length; k++) {
      const node = moving[forward ? k : moving.length - 1 - k]!;
      const x = left + (node % columns) * NODE_PIXELS;
      const y = top + Math.floor(node / columns) * NODE_PIXELS;
      const meanX = (flow.x[node - 1]! + flow.x[node + 1]! + flow.x[node - columns]! + flow.x[node + columns]!) / 4;
      const meanY = (flow.y[node - 1]! + flow.y[node + 1]! + flow.y[node - columns]! + flow.y[node + columns]!) / 4;
      const priced = (dx: number, dy: number): number =>
        compare.at(x, y, dx, dy, 0.5) +
        ROUGHNESS * (Math.abs(dx - meanX) + Math.abs(dy - meanY)) + RESTLESSNESS * (Math.abs(dx) + Math.abs(dy));
      let bestX = flow.x[node]!;
      let bestY = flow.y[node]!;
      let best = priced(bestX, bestY);
      const offer = (dx: number, dy: number): void => {
        if ((dx === bestX && dy === bestY) || Math.abs(dx) > MOST_PIXELS || Math.abs(dy) > MOST_PIXELS) return;
        const price = priced(dx, dy);
        if (price < best) [best, bestX, bestY] = [price, dx, dy];
      };
      for (const near of [node - 1, node + 1, node - columns, node + columns]) offer(flow.x[near]!, flow.y[near]!);
      if (round === 0) offer(Math.round(before.x[node]!), Math.round(before.y[node]!));
      for (let reach = round === 0 ? MOST_PIXELS : 2; reach >= 1; reach >>= 1)
        offer(bestX + random.below(2 * reach + 1) - reach, bestY + random.below(2 * reach + 1) - reach);
      flow.x[node] = bestX;
      flow.y[node] = bestY;
    }
  }
  flow.moving = moving.filter((node) => flow.x[node] !== 0 || flow.y[node] !== 0);
  return flow;
}

/**
 * The flow as seen at another moment: things that half way were elsewhere have come here, or have gone on.
 * @param part 0..1, the moment between the two frames
 */
export function flowAt(frames: BodyFrames, first: number, half: Flow, part: number, out: Flow): void {
  out.x.fill(0);
  out.y.fill(0);
  out.moving = half.moving;
  if (half.moving.length === 0) return;
  const { columns, rows, left, top } = half;
  const compare = new Comparison(frames, first);
  const prices = new Float32Array(columns * rows);
  const ahead = part - 0.5;
  for (const from of half.moving) {
    const dx = half.x[from]!;
    const dy = half.y[from]!;
    if (Math.abs(ahead * dx) < NEAR_PIXELS && Math.abs(ahead * dy) < NEAR_PIXELS) {
      if (prices[from] === 0) {
        out.x[from] = dx;
        out.y[from] = dy;
      }
      continue;
    }
    const column = (from % columns) + (ahead * dx) / NODE_PIXELS;
    const row = Math.floor(from / columns) + (ahead * dy) / NODE_PIXELS;
    const lastColumn = Math.min(columns - 2, Math.floor(column + 1));
    const lastRow = Math.min(rows - 2, Math.floor(row + 1));
    for (let i = Math.max(1, Math.ceil(row - 1)); i <= lastRow; i++)
      for (let j = Math.max(1, Math.ceil(column - 1)); j <= lastColumn; j++) {
        const node = i * columns + j;
        if (out.x[node] === dx && out.y[node] === dy) continue;
        const x = left + j * NODE_PIXELS;
        const y = top + i * NODE_PIXELS;
        if (prices[node] === 0) prices[node] = 1e-6 + compare.at(x, y, 0, 0, part);
        const price = compare.at(x, y, dx, dy, part) + RESTLESSNESS * (Math.abs(dx) + Math.abs(dy));
        if (price >= prices[node]!) continue;
        prices[node] = price;
        out.x[node] = dx;
        out.y[node] = dy;
      }
  }
}

/** What moved less than this since half way is seen by the same node. */
const NEAR_PIXELS = 1.5;

/** The motion at a pixel. */
export function motionAt({ columns, rows, left, top }: Flow, field: Float32Array, x: number, y: number): number {
  const u = Math.min(columns - 1.01, Math.max(0, (x - left) / NODE_PIXELS));
  const v = Math.min(rows - 1.01, Math.max(0, (y - top) / NODE_PIXELS));
  return sampleField(field, 0, columns, u, v);
}
