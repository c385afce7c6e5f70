/** 4 × 4, column by column, as glTF has them. */
export type Matrix = Float64Array;

export function product(a: Matrix, b: Matrix): Matrix {
  const out = new Float64Array(16);
  for (let column = 0; column < 4; column++)
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[4 * k + row]! * b[4 * column + k]!;
      out[4 * column + row] = sum;
    }
  return out;
}

/** Scales, then turns by a quaternion x, y, z, w, then moves. */
export function placement(move: readonly number[], turn: readonly number[], scale: readonly number[]): Matrix {
  const size = Math.hypot(...turn) || 1;
  const [x, y, z, w] = turn.map((value) => value / size) as [number, number, number, number];
  const [sx, sy, sz] = scale as [number, number, number];
  return Float64Array.of(
    sx * (1 - 2 * (y * y + z * z)), sx * 2 * (x * y + w * z), sx * 2 * (x * z - w * y), 0,
    sy * 2 * (x * y - w * z), sy * (1 - 2 * (x * x + z * z)), sy * 2 * (y * z + w * x), 0,
    sz * 2 * (x * z + w * y), sz * 2 * (y * z - w * x), sz * (1 - 2 * (x * x + y * y)), 0,
    move[0]!, move[1]!, move[2]!, 1,
  );
}
