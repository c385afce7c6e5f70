// The high part of the time, on a counter that does not wrap.

/** µs of the last TIME_HIGH, all wraps counted; −1 before the first. */
let base: i64 = -1;

export function known(): bool {
  return base >= 0;
}

/** µs, 0 or more once the time is known. */
export function timeBase(): f64 {
  return <f64>base;
}

/**
 * A TIME_HIGH of 28 bits, counting 64 µs (EVT2, EVT2.1, EVT4). A fall of more than half its range is a wrap, a smaller one runs
 * backwards.
 */
export function setHigh28(high: u32): void {
  setHigh(high, 6, 28, 1 << 27);
}

/** A TIME_HIGH of 12 bits, counting 4096 µs (EVT3). A fall of half its range or more is a wrap. @returns whether it moved */
export function setHigh12(high: u32): bool {
  const before = base;
  setHigh(high, 12, 12, (1 << 11) - 1);
  return base != before;
}

/** @param farthest  the greatest fall that is no wrap, in counts */
function setHigh(high: u32, stepBits: i64, rangeBits: i64, farthest: i64): void {
  let loops: i64 = 0;
  if (base >= 0) {
    const before = base >> stepBits;
    const fall = (before & ((<i64>1 << rangeBits) - 1)) - <i64>high;
    loops = (before >> rangeBits) + i64(fall > farthest);
  }
  base = ((loops << rangeBits) + <i64>high) << stepBits;
}
