import fc from "fast-check";
import t from "tap";
import { DType, FrameKind } from "../../assembly/abi.js";
import { ProgramBuilder } from "../conformance/builder.js";
import { RunningProgram, testedVariants } from "../conformance/engine-under-test.js";
import { Random } from "../conformance/random.js";
import { frame } from "../reference/frames.js";
import { toBytes } from "../reference/tensor.js";
import { seeds } from "../seeds.js";

const MAX_EVENTS = 400;

for (const variant of testedVariants()) {
  for (const seed of seeds()) {
    t.test(`frames from events, ${variant}, seed ${seed}`, async () => {
      const size = fc.integer({ min: 1, max: 9 });
      const kinds = fc.constantFrom(FrameKind.Counts, FrameKind.LastPolarity);
      const caps = fc.integer({ min: 1, max: 255 });
      fc.assert(fc.property(fc.nat(), size, size, caps, kinds, fc.integer({ min: 0, max: MAX_EVENTS }), (draw, h, w, cap, kind, n) => {
        const random = new Random(draw);
        const coordinate = (limit: number): number =>
          (random.chance(0.05) ? random.integer(0, 65535) : random.integer(0, limit - (random.chance(0.9) ? 1 : 0)));
        const events = Array.from({ length: n }, () => ({ x: coordinate(w), y: coordinate(h), p: random.pick([0, 1, 1, 255]) }));
        const builder = new ProgramBuilder();
        const counting = kind === FrameKind.Counts;
        const input = builder.tensor({ dtype: counting ? DType.U8 : DType.I8, h, w, c: counting ? 2 : 1, bound: counting ? cap : 1 });
        const running = new RunningProgram(variant, builder.build(input, [input], { frame: kind, frameCap: cap }), { events: MAX_EVENTS });
        const wanted = frame(events, kind, cap, h, w);
        // In two calls, and twice: a cleared frame holds nothing of the one before.
        return [0, 1].every(() => {
          running.engine.exports.clearFrame();
          const cut = random.integer(0, n);
          const outside = running.engine.addEvents(events.slice(0, cut)) + running.engine.addEvents(events.slice(cut));
          return outside === wanted.outside && Buffer.compare(running.tensor(input), toBytes(wanted.tensor)) === 0
            && running.engine.damage().length === 0;
        });
      }), { seed, numRuns: 150 });
    });
  }
}
