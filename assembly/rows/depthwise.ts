// Depthwise rows in i16 lanes: accumulators are proven to fit, so products and sums are. Eight channels at a time; a kernel of
// 3 × 3 keeps its nine weights in registers along the row. Weights are packed as i16 [kh, kw, c].

import { co, fromX, kh, kw, made, sx } from "./geometry";
import { weightAt } from "./int4";
import { wideTable } from "./wide-row";

export function packedDepthwiseBytes(): u32 {
  return <u32>(kh * kw * co * 2);
}

export function packDepthwise(rows: usize, to: usize): void {
  for (let tap = 0; tap < kh * kw; tap++) {
    for (let c = 0; c < co; c++, to += 2) store<i16>(to, <i16>weightAt(rows, tap, c));
  }
}

/**
 * The pixels of a row of accumulators, i16[ow, c], that geometry.ts says, from the rows of wideTable; c is a multiple of 8.
 * @param w  packed weights   @param bias  i16[c]
 */
export function depthwiseRow(out: usize, w: usize, bias: usize): void {
  const first = out + (<usize>(fromX * co) << 1), x = <usize>(fromX * sx * co) << 1;
  for (let c: usize = 0; c < <usize>co << 1; c += 16) {
    if (kh == 3 && kw == 3 && sx == 1) slidingThree(first + c, w + c, bias + c, x + c);
    else if (kh == 3 && kw == 3) threeByThree(first + c, w + c, bias + c, x + c);
    else anyKernel(first + c, w + c, bias + c, x + c);
  }
}

// c: bytes from a wide row's start to the first input.

/** Stride 1: each input is loaded once and meets the three taps of its row; two sums wait for the pixels to come. */
function slidingThree(out: usize, w: usize, bias: usize, c: usize): void {
  const step = <usize>co << 1, rows = wideTable(), begin = v128.load(bias);
  const a = v128.load(w), b = v128.load(w + step), d = v128.load(w + 2 * step);
  const e = v128.load(w + 3 * step), f = v128.load(w + 4 * step), g = v128.load(w + 5 * step);
  const h = v128.load(w + 6 * step), i = v128.load(w + 7 * step), j = v128.load(w + 8 * step);
  let p = load<usize>(rows) + c, q = load<usize>(rows, 4) + c, r = load<usize>(rows, 8) + c;
  let x = v128.load(p), y = v128.load(q), z = v128.load(r);
  let here = i16x8.add(i16x8.add(begin, i16x8.mul(x, a)), i16x8.add(i16x8.mul(y, e), i16x8.mul(z, h)));
  x = v128.load(p + step);
  y = v128.load(q + step);
  z = v128.load(r + step);
  here = i16x8.add(here, i16x8.add(i16x8.mul(x, b), i16x8.add(i16x8.mul(y, f), i16x8.mul(z, i))));
  let next = i16x8.add(i16x8.add(begin, i16x8.mul(x, a)), i16x8.add(i16x8.mul(y, e), i16x8.mul(z, h)));
  p += 2 * step;
  q += 2 * step;
  r += 2 * step;
  for (const past = out + <usize>made * step; out < past; out += step, p += step, q += step, r += step) {
    x = v128.load(p);
    y = v128.load(q);
    z = v128.load(r);
    v128.store(out, i16x8.add(here, i16x8.add(i16x8.mul(x, d), i16x8.add(i16x8.mul(y, g), i16x8.mul(z, j)))));
    here = i16x8.add(next, i16x8.add(i16x8.mul(x, b), i16x8.add(i16x8.mul(y, f), i16x8.mul(z, i))));
    next = i16x8.add(i16x8.add(begin, i16x8.mul(x, a)), i16x8.add(i16x8.mul(y, e), i16x8.mul(z, h)));
  }
}

function threeByThree(out: usize, w: usize, bias: usize, c: usize): void {
  const step = <usize>co << 1, pixel = <usize>sx * step, rows = wideTable();
  const a = v128.load(w), b = v128.load(w + step), d = v128.load(w + 2 * step);
  const e = v128.load(w + 3 * step), f = v128.load(w + 4 * step), g = v128.load(w + 5 * step);
  const h = v128.load(w + 6 * step), i = v128.load(w + 7 * step), j = v128.load(w + 8 * step);
  let p = load<usize>(rows) + c, q = load<usize>(rows, 4) + c, r = load<usize>(rows, 8) + c;
  for (const past = out + <usize>made * step; out < past; out += step, p += pixel, q += pixel, r += pixel) {
    let sum = v128.load(bias);
    sum = i16x8.add(sum, i16x8.mul(v128.load(p), a));
    sum = i16x8.add(sum, i16x8.mul(v128.load(p + step), b));
    sum = i16x8.add(sum, i16x8.mul(v128.load(p + 2 * step), d));
    sum = i16x8.add(sum, i16x8.mul(v128.load(q), e));
    sum = i16x8.add(sum, i16x8.mul(v128.load(q + step), f));
    sum = i16x8.add(sum, i16x8.mul(v128.load(q + 2 * step), g));
    sum = i16x8.add(sum, i16x8.mul(v128.load(r), h));
    sum = i16x8.add(sum, i16x8.mul(v128.load(r + step), i));
    sum = i16x8.add(sum, i16x8.mul(v128.load(r + 2 * step), j));
    v128.store(out, sum);
  }
}

function anyKernel(out: usize, w: usize, bias: usize, c: usize): void {
  const step = <usize>co << 1, pixel = <usize>sx * step, rows = wideTable();
  for (let ox: usize = 0; ox < <usize>made; ox++) {
    let sum = v128.load(bias), tap = w;
    for (let ky: usize = 0; ky < <usize>kh; ky++) {
      let p = load<usize>(rows + (ky << 2)) + ox * pixel + c;
      for (let kx = 0; kx < kw; kx++, p += step, tap += step) sum = i16x8.add(sum, i16x8.mul(v128.load(p), v128.load(tap)));
    }
    v128.store(out + ox * step, sum);
  }
}
