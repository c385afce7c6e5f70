import fc from "fast-check";
import type { Events, SensorSize } from "../../host/types.js";
import type { Encoding } from "./encode.js";
import { toEvents } from "./collect.js";

export interface Sample {
  readonly size: SensorSize;
  readonly events: Events;
}

/** Events that an encoding can hold: in order of time, with long runs in a row and at a time, with gaps small and large. */
export function sampleFor({ maxSide, maxTime, only, onlyOn }: Encoding, maxEvents = 300): fc.Arbitrary<Sample> {
  const side = fc.integer({ min: 1, max: Math.min(maxSide, 700) });
  const size = only ? fc.constant(only) : fc.record({ width: side, height: side });
  const gap = fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 100 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: Math.floor(maxTime / 400) }) },
  );
  const start = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: Math.floor(maxTime / 4) }));
  return size.chain(({ width, height }) => {
    const step = fc.record({
      gap,
      x: fc.integer({ min: 0, max: width - 1 }),
      y: fc.integer({ min: 0, max: height - 1 }),
      p: fc.integer({ min: onlyOn ? 1 : 0, max: 1 }),
      stay: fc.integer({ min: 0, max: 3 }),
      run: fc.integer({ min: 1, max: 12 }),
    });
    return fc
      .record({ start, steps: fc.array(step, { minLength: 1, maxLength: Math.ceil(maxEvents / 6) }) })
      .map(({ start: from, steps }) => {
        const columns = { t: [] as number[], x: [] as number[], y: [] as number[], p: [] as number[] };
        let time = from, row = 0, polarity = onlyOn ? 1 : 0;
        for (const { gap: wait, x, y, p, stay, run } of steps) {
          time = Math.min(maxTime, time + wait);
          if (stay === 0) [row, polarity] = [y, p];
          for (let i = 0; i < run && x + i < width; i++) {
            columns.t.push(time);
            columns.x.push(x + i);
            columns.y.push(row);
            columns.p.push(polarity);
          }
        }
        return { size: { width, height }, events: toEvents(columns) };
      });
  });
}
