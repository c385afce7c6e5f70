import type { Lamp } from "../lamp.js";
import type { Camera } from "../actor/painter.js";

/** Samples of a pixel in each direction: an edge that passes a pixel is seen in so many steps squared. */
const SAMPLES = 3;

/** Draws triangles over a picture, the nearest in front, each lit by the way it faces. */
export class MeshPainter {
  readonly #columns: number;
  readonly #rows: number;
  readonly #depth: Float32Array;
  readonly #light: Float32Array;
  readonly #seen: Float32Array;

  /** @param albedo  f32[vertices], how much light each gives back */
  constructor(readonly camera: Camera, readonly faces: Uint32Array, readonly albedo: Float32Array, readonly lamp: Lamp) {
    this.#columns = camera.width * SAMPLES;
    this.#rows = camera.height * SAMPLES;
    this.#depth = new Float32Array(this.#columns * this.#rows);
    this.#light = new Float32Array(this.#columns * this.#rows);
    this.#seen = new Float32Array(albedo.length * 3);
  }

  /** @param places  f32[vertices, 3], metres: x to the person's left, y up, z towards the camera   @param light  the picture so far */
  paint(places: Float32Array, light: Float32Array): void {
    this.#depth.fill(Number.POSITIVE_INFINITY);
    this.#project(places);
    for (let face = 0; face < this.faces.length; face += 3) this.#paintFace(places, this.faces[face]!, this.faces[face + 1]!, this.faces[face + 2]!);
    this.#gather(light);
  }

  #project(places: Float32Array): void {
    const { width, height, focalPixels, up, away, shiftX, shiftY } = this.camera;
    const focal = focalPixels * SAMPLES;
    const middleX = (width / 2 + shiftX) * SAMPLES - 0.5;
    const middleY = (height / 2 + shiftY) * SAMPLES - 0.5;
    for (let at = 0; at < places.length; at += 3) {
      const z = Math.max(0.3, away - places[at + 2]!);
      this.#seen[at] = middleX + (focal * places[at]!) / z;
      this.#seen[at + 1] = middleY - (focal * (places[at + 1]! - up)) / z;
      this.#seen[at + 2] = z;
    }
  }

  #paintFace(places: Float32Array, a: number, b: number, c: number): void {
    const seen = this.#seen;
    const [ax, ay, az] = [seen[3 * a]!, seen[3 * a + 1]!, seen[3 * a + 2]!];
    const [bx, by, bz] = [seen[3 * b]!, seen[3 * b + 1]!, seen[3 * b + 2]!];
    const [cx, cy, cz] = [seen[3 * c]!, seen[3 * c + 1]!, seen[3 * c + 2]!];
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    // Seen from outside a triangle's corners go round the one way only: y is down here.
    if (area >= 0) return;
    const shade = this.#shade(places, 3 * a, 3 * b, 3 * c);
    const left = Math.max(0, Math.ceil(Math.min(ax, bx, cx)));
    const right = Math.min(this.#columns - 1, Math.floor(Math.max(ax, bx, cx)));
    const top = Math.max(0, Math.ceil(Math.min(ay, by, cy)));
    const bottom = Math.min(this.#rows - 1, Math.floor(Math.max(ay, by, cy)));
    for (let y = top; y <= bottom; y++)
      for (let x = left; x <= right; x++) {
        const inA = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area;
        const inB = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area;
        const inC = 1 - inA - inB;
        if (inA < 0 || inB < 0 || inC < 0) continue;
        const z = inA * az + inB * bz + inC * cz;
        const at = y * this.#columns + x;
        if (z >= this.#depth[at]!) continue;
        this.#depth[at] = z;
        this.#light[at] = shade * (inA * this.albedo[a]! + inB * this.albedo[b]! + inC * this.albedo[c]!);
      }
  }

  /** Light on a triangle, 0..1. */
  #shade(places: Float32Array, a: number, b: number, c: number): number {
    const [ux, uy, uz] = [places[b]! - places[a]!, places[b + 1]! - places[a + 1]!, places[b + 2]! - places[a + 2]!];
    const [vx, vy, vz] = [places[c]! - places[a]!, places[c + 1]! - places[a + 1]!, places[c + 2]! - places[a + 2]!];
    const [nx, ny, nz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    const facing = (nx * this.lamp.x - ny * this.lamp.y - nz * this.lamp.z) / (Math.hypot(nx, ny, nz) || 1);
    return this.lamp.ambient + (1 - this.lamp.ambient) * Math.max(0, facing);
  }

  #gather(light: Float32Array): void {
    const { width, height } = this.camera;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let sum = 0;
        let count = 0;
        for (let row = 0; row < SAMPLES; row++)
          for (let i = 0, at = (y * SAMPLES + row) * this.#columns + x * SAMPLES; i < SAMPLES; i++, at++)
            if (this.#depth[at]! < Number.POSITIVE_INFINITY) {
              sum += this.#light[at]!;
              count++;
            }
        if (count > 0) light[y * width + x] = (sum + (SAMPLES * SAMPLES - count) * light[y * width + x]!) / (SAMPLES * SAMPLES);
      }
  }
}
