import type { EventSource } from "../../host/pipeline.js";
import type { Events, SensorSize } from "../../host/types.js";

/** Events as a source that gives them in pieces. @param next  length of the next piece, at least 1 */
export function inPieces({ count, t, x, y, p }: Events, size: SensorSize, next: () => number): EventSource {
  async function* decode(): AsyncGenerator<Events> {
    for (let from = 0; from < count; ) {
      const past = Math.min(count, from + next());
      yield { count: past - from, t: t.subarray(from, past), x: x.subarray(from, past), y: y.subarray(from, past), p: p.subarray(from, past) };
      from = past;
    }
  }
  return { size, drops: {}, decode };
}
