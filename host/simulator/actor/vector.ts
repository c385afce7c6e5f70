/** A place or a way in space: x to the right of the picture, y up, z away from the camera. */
export type Vector = readonly [x: number, y: number, z: number];

export const plus = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const times = (a: Vector, k: number): Vector => [a[0] * k, a[1] * k, a[2] * k];
export const length = (a: Vector): number => Math.hypot(a[0], a[1], a[2]);
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const between = (a: Vector, b: Vector, part: number): Vector => plus(a, times(minus(b, a), part));

export interface Bent {
  readonly joint: Vector;
  /** Where the end really is: the target, or as near to it as the limb reaches. */
  readonly end: Vector;
}

/**
 * A limb of two bones from `root` to `target`, bent towards `pole`.
 * @param first, second  lengths of the bones
 */
export function bend(root: Vector, target: Vector, first: number, second: number, pole: Vector): Bent {
  const way = minus(target, root);
  const distance = Math.min(0.999 * (first + second), Math.max(Math.abs(first - second) + 1e-3, length(way)));
  const along = times(way, 1 / Math.max(1e-9, length(way)));
  const across = minus(pole, times(along, dot(pole, along)));
  const aside = times(across, 1 / Math.max(1e-9, length(across)));
  const forth = (first * first - second * second + distance * distance) / (2 * distance);
  const out = Math.sqrt(Math.max(0, first * first - forth * forth));
  return { joint: plus(root, plus(times(along, forth), times(aside, out))), end: plus(root, times(along, distance)) };
}
