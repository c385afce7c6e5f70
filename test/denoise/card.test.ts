import t from "tap";
import { createDenoiser } from "../../host/denoise/denoiser.js";
import { denoised } from "../../host/denoise/denoised.js";
import { frame, type EventSource } from "../../host/pipeline.js";
import { digitRecording } from "../../host/simulator/digits.js";
import { Tally } from "../../host/tally.js";
import type { Card, Events } from "../../host/types.js";
import { readPackage } from "../../models/package/reader.js";
import { untrainedPackage } from "../cli/package.js";
import { batchOf, listOf } from "./events.js";

const FILTERS = { backgroundActivityMicros: 3000 };
const SIZE = { width: 34, height: 34 };
const { card } = readPackage(await untrainedPackage());
const quiet: Card = { ...card, denoise: FILTERS };
const recorded = listOf(digitRecording(1, 5).events);

/** In batches of 100, each of which is gone when the next one is asked for. */
function source(live: boolean, events = recorded): EventSource {
  return {
    size: SIZE,
    drops: {},
    live,
    async *decode(): AsyncGenerator<Events> {
      for (let at = 0; at < events.length; at += 100) yield batchOf(events.slice(at, at + 100));
    },
  };
}

/** What a window holds, without what the clock of this machine decides. */
async function framed(given: EventSource, of: Card): Promise<{ events: object[]; tally: Tally; parts: number }> {
  const tally = new Tally(), events: object[] = [];
  let parts = 0;
  for await (const window of frame(given, of, tally)) {
    if (window.part !== undefined) parts++;
    events.push(...listOf(window.events).map((event) => ({ ...event, window: window.index })));
  }
  return { events, tally, parts };
}

t.test("a card's filters are put before its windows, those of live sources too", async (t) => {
  const kept = listOf(createDenoiser(FILTERS, SIZE).filter(batchOf(recorded)));
  t.ok(kept.length > 100 && kept.length < recorded.length);
  const wanted = await framed(source(false, kept), card);
  for (const live of [false, true]) {
    const { events, tally, parts } = await framed(source(live), quiet);
    t.strictSame(events, wanted.events, live ? "live" : "recorded");
    t.equal(parts > 0, live);
    t.strictSame([tally.events, tally.dropped["background_activity"]], [kept.length, recorded.length - kept.length]);
  }
});

t.test("filters before filters are counted together", async (t) => {
  const { tally } = await framed(denoised(source(false), { ...FILTERS, backgroundActivityMicros: 1000 }), quiet);
  t.equal(tally.events + tally.dropped["background_activity"]!, recorded.length);
});
