import { readFileSync } from "node:fs";
import t from "tap";
import { FRAMES } from "../../firmware-bridge/protocol/fields.js";
import { FrameWriter, type HeadOf, type RecordOf } from "../../firmware-bridge/protocol/writer.js";
import { LiveBridge } from "../../host/decoders/bridge-live.js";
import { BridgeResults, type DeviceResult } from "../../host/decoders/bridge-results.js";
import { BoardLine, BoardResults } from "../../host/gateway/board-line.js";
import type { Model } from "../../host/gateway/models.js";
import type { EventMessage } from "../../host/publishers/messages.js";
import { packageRoot } from "../../host/root.js";
import { readPackage } from "../../models/package/reader.js";

const pkg = readPackage(Uint8Array.from(readFileSync(new URL("models/zoo/nmnist.saccade", packageRoot))));
const DECISION = 0, DETECTION = 1, LOGITS = 2, IDENTITY = pkg.view.identity;
const WINDOW = 100_000;

/** A line of the package, what it publishes, and whom it took for a stranger. */
function board(): { readonly line: BoardLine; readonly heard: EventMessage[]; readonly foreign: number[] } {
  const heard: EventMessage[] = [], foreign: number[] = [];
  const model: Model = { name: "digits", pkg, pool: undefined, networkOf: () => { throw new RangeError(); }, close: async () => undefined };
  const publisher = {
    drops: {}, publish: async (event: EventMessage) => void heard.push(event), sourceStatus: async () => undefined, stats: () => undefined,
    close: async () => undefined,
  };
  const line = new BoardLine({ gateway: "g", source: "s", boot: 1, numbers: { next: 0 }, model, publishers: [publisher] }, (identity) => foreign.push(identity));
  return { line, heard, foreign };
}

/** Logits of which the given label's is the greatest. */
function logitsOf(window: number, label: number, changed: Partial<DeviceResult> = {}): DeviceResult {
  const start = 5_000_000 + window * WINDOW;
  return {
    form: "logits", model: 0, window, events: 900, inferMicros: 40_000, identity: IDENTITY, start, end: start + WINDOW, resets: 0,
    logits: Int32Array.from({ length: 10 }, (_, i) => (i === label ? 900 : -300)), ...changed,
  } as DeviceResult;
}

t.test("logits of a board become the life of a label, by the package's vote", async (t) => {
  const { line, heard } = board();
  for (const [window, label] of [7, 7, 7, 3, 3].entries()) await line.take(logitsOf(window, label));
  await line.end();
  t.same(heard.map(({ event_type }) => event_type), ["7", "7_end", "3", "3_end"]);
  t.match(heard[0], { label: "7", type: "new", source: "s", model: { name: "nmnist", sha256: pkg.digest }, latency_us: { window: WINDOW, infer: 40_000 } });
  t.equal(heard[0]!.end, null);
  t.equal(heard[1]!.id, heard[0]!.id);
  t.equal(heard[1]!.end! - heard[1]!.start, 3 * WINDOW);
  t.match(line.tally, { windows: 5, inferences: 5, dropped: {} });
  t.ok(line.takeLatencies().quantile(0.5) >= 39_000);
});

t.test("a board that was reset begins anew", async (t) => {
  const { line, heard } = board();
  for (const window of [0, 1]) await line.take(logitsOf(window, 7));
  for (const window of [0, 1]) await line.take(logitsOf(window, 7, { resets: 1 }));
  t.same(heard.map(({ event_type }) => event_type), ["7", "7_end", "7"]);
});

t.test("logits of another network, or of another length, are dropped and counted, and told once", async (t) => {
  const { line, heard, foreign } = board();
  for (const window of [0, 1, 2]) await line.take(logitsOf(window, 7, { identity: 99 }));
  await line.take(logitsOf(3, 7, { logits: new Int32Array(3) }));
  await line.end();
  t.same(heard, []);
  t.same(foreign, [99]);
  t.same(line.tally.dropped, { result_foreign: 3, result_malformed: 1 });
  t.match(line.tally, { windows: 4, inferences: 0 });
});

t.test("decisions of a board keep its own score and life; results of models that nobody named are counted", async (t) => {
  const { line, heard } = board(), results = new BoardResults([line]);
  const decision = (window: number, kind: "new" | "update" | "end" | "once", label: number, model = 0): DeviceResult =>
    ({ form: "decision", model, kind, label, score: 700 + window, start: window * WINDOW, end: (window + 1) * WINDOW, resets: 0 });
  await results.take([decision(1, "new", 4), decision(2, "end", 4), decision(3, "once", 99), decision(4, "new", 1, 3)]);
  t.same(heard.map(({ event_type, score }) => [event_type, score]), [["4", 701], ["4_end", 702], ["99", 703]]);
  t.equal(heard[1]!.end! - heard[1]!.start, 2 * WINDOW);
  t.equal(heard[2]!.end! - heard[2]!.start, WINDOW);
  t.same(results.drops, { result_unnamed: 1 });
});

t.test("frames are read as they were written, and what is no known form is counted", async (t) => {
  const writer = new FrameWriter(), results = new BridgeResults(), bridge = new LiveBridge({ wants: ["RESULT"], form: 1 }, results.take);
  const hello: HeadOf<"HELLO"> = { version: 1, sends: 1 << FRAMES.RESULT.code, width: 34, height: 34, maxFrame: 1024, maxReceive: 128, tick: 1000,
    schema: 0, firmware: 0, boot: 7, uptime: 2000, id: "", name: "" };
  const head: HeadOf<"RESULT", 2> = { start: 5, span: WINDOW, window: 3, events: 12, infer: 77, identity: 0xfedcba98, model: 1 };
  const record: RecordOf<"RESULT"> = { start: 0, span: WINDOW, kind: 2, model: 0, label: 9, score: 5000 };
  const frames = [
    writer.message("HELLO", hello, 2_000_000).slice(),
    writer.records("RESULT", LOGITS, head, [{ logit: -5 }, { logit: 2 ** 31 - 1 }], 2_100_000).slice(),
    writer.records("RESULT", DECISION, {}, [record, { ...record, kind: 3 }], 2_200_000).slice(),
    writer.records("RESULT", DETECTION, {}, [{ ...record, x: 1, y: 2, width: 3, height: 4 }], 2_300_000).slice(),
  ];
  for (const chunk of frames) t.same([...bridge.push(chunk)], []);
  t.same(results.drain(), [
    { form: "logits", model: 1, window: 3, events: 12, inferMicros: 77, identity: 0xfedcba98, start: 2_100_005, end: 2_200_005, resets: 0,
      logits: Int32Array.of(-5, 2 ** 31 - 1) },
    { form: "decision", model: 0, kind: "end", label: 9, score: 1000, start: 2_200_000, end: 2_300_000, resets: 0 },
    { form: "decision", model: 0, kind: "once", label: 9, score: 1000, start: 2_200_000, end: 2_300_000, resets: 0 },
  ]);
  t.same(results.drain(), []);
  t.same(bridge.drops, { other_stream: 1 });
});
