import fc from "fast-check";
import t from "tap";
import { DType, FrameKind } from "../../assembly/abi.js";
import { ProgramBuilder } from "../conformance/builder.js";
import { RunningProgram, testedVariants } from "../conformance/engine-under-test.js";
import { Random } from "../conformance/random.js";
import { points, type TimedEvent } from "../reference/frames.js";
import { toBytes } from "../reference/tensor.js";
import { seeds } from "../seeds.js";

const MAX_EVENTS = 400;

for (const variant of testedVariants()) {
  for (const seed of seeds()) {
    t.test(`clouds of points from events, ${variant}, seed ${seed}`, async () => {
      const side = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 65536 }));
      fc.assert(fc.property(fc.nat(), side, side, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: MAX_EVENTS }), (draw, width, height, half, n) => {
        const random = new Random(draw);
        const coordinate = (limit: number): number => (random.chance(0.1) ? random.integer(0, 65535) : random.integer(0, limit - 1));
        const events: TimedEvent[] = Array.from({ length: n }, () =>
          ({ x: coordinate(width), y: coordinate(height), t: random.integer(0, 65535), p: random.pick([0, 1, 1, 255]) }));
        const builder = new ProgramBuilder();
        const input = builder.tensor({ dtype: DType.I8, h: 1, w: 2 * half, c: 4, bound: 127 });
        const program = builder.build(input, [input], { frame: FrameKind.Points, sensor: { width, height } });
        const running = new RunningProgram(variant, program, { events: MAX_EVENTS * 2 });
        const wanted = points(events, 2 * half, { width, height });
        // However they are cut into calls, and twice: a cleared frame holds nothing of the one before.
        return [0, 1].every(() => {
          running.engine.exports.clearFrame();
          const cuts = [0, random.integer(0, n), random.integer(0, n), n].sort((a, b) => a - b);
          const outside = [0, 1, 2].reduce((sum, i) => sum + running.engine.addTimedEvents(events.slice(cuts[i], cuts[i + 1])), 0);
          return outside === wanted.outside && Buffer.compare(running.tensor(input), toBytes(wanted.tensor)) === 0
            && running.engine.damage().length === 0;
        });
      }), { seed, numRuns: 150 });
    });
  }
}
