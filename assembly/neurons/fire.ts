// How many spikes a potential gives: k = 1..D by comparison with k·θ, found by subtracting θ, so that k·θ cannot overflow.

import { Fire } from "../abi";

/**
 * @param v      |v| ≤ MAX_POTENTIAL
 * @param theta  > 0; for the half rules even and ≤ MAX_LEAK
 * @returns 0..most
 */
export function fire(v: i32, theta: i32, rule: Fire, most: i32): i32 {
  let rest = rule >= Fire.HalfUp ? v + (theta >> 1) : v;
  let count = 0;
  while (count < most && (strict(rule, count) ? rest > theta : rest >= theta)) {
    rest -= theta;
    count++;
  }
  return count;
}

/** Four at once. Usually no lane fires: then one comparison is all. */
@inline
export function fire4(v: v128, theta: v128, rule: Fire, most: i32): v128 {
  let rest = rule >= Fire.HalfUp ? i32x4.add(v, i32x4.shr_u(theta, 1)) : v;
  let count = i32x4.splat(0), firing = i32x4.splat(-1);
  for (let k = 0; k < most; k++) {
    // A lane that has stopped stays stopped, though the next comparison may be the weaker one.
    firing = v128.and(firing, strict(rule, k) ? i32x4.gt_s(rest, theta) : i32x4.ge_s(rest, theta));
    if (!v128.any_true(firing)) break;
    rest = i32x4.sub(rest, v128.and(theta, firing));
    count = i32x4.sub(count, firing);
  }
  return count;
}

/** Whether spike `k` (from 0) needs more than its threshold: always for Above, every other one for half to even. */
function strict(rule: Fire, k: i32): bool {
  return rule == Fire.Above || (rule == Fire.HalfEven && (k & 1) == 0);
}
