/** A grid of pixels that all fields of one clip share: a depth clip's part with empty room about it. */
export interface Raster {
  readonly width: number;
  readonly height: number;
}

/** The field at a place between pixels: bilinear. Pixel (i, j) has its centre at (i, j); 0 ≤ x < width − 1, 0 ≤ y < height − 1. */
export function sampleField(field: Float32Array, offset: number, width: number, x: number, y: number): number {
  const column = x | 0;
  const row = y | 0;
  const at = offset + row * width + column;
  const fx = x - column;
  const upper = field[at]! + fx * (field[at + 1]! - field[at]!);
  const lower = field[at + width]! + fx * (field[at + width + 1]! - field[at + width]!);
  return upper + (y - row) * (lower - upper);
}

/** Smooths by 1 4 6 4 1 in both directions, in place; the two outermost pixels keep their values in that direction. */
export function smooth(field: Float32Array, { width, height }: Raster, room: Float32Array): void {
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 2; x < width - 2; x++) {
      const at = row + x;
      room[at] = (field[at - 2]! + field[at + 2]! + 4 * (field[at - 1]! + field[at + 1]!) + 6 * field[at]!) / 16;
    }
    room[row] = field[row]!;
    room[row + 1] = field[row + 1]!;
    room[row + width - 2] = field[row + width - 2]!;
    room[row + width - 1] = field[row + width - 1]!;
  }
  for (let at = 2 * width; at < (height - 2) * width; at++)
    field[at] = (room[at - 2 * width]! + room[at + 2 * width]! + 4 * (room[at - width]! + room[at + width]!) + 6 * room[at]!) / 16;
}
