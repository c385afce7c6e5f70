import type { Flow } from "./flow.js";

/** Part of the clip's fastest motion above which the person is acting. */
const ACTING = 0.15;

/**
 * Which frames the person acts in: from the first to the last that moves, with a frame on either side. People stand before and after.
 * @param flows  half-way flows, one for each pair of frames
 * @returns frames, as first and one after the last
 */
export function activeFrames(flows: readonly Flow[]): { readonly from: number; readonly to: number } {
  const speeds = flows.map((flow) => {
    let sum = 0;
    for (const node of flow.moving) sum += Math.hypot(flow.x[node]!, flow.y[node]!);
    return sum;
  });
  const calm = speeds.map((speed, i) => (speed + (speeds[i - 1] ?? speed) + (speeds[i + 1] ?? speed)) / 3);
  const least = ACTING * calm.reduce((most, speed) => Math.max(most, speed), 0);
  const from = calm.findIndex((speed) => speed > least);
  if (from < 0) return { from: 0, to: flows.length };
  return { from: Math.max(0, from - 1), to: Math.min(flows.length, calm.findLastIndex((speed) => speed > least) + 2) };
}
