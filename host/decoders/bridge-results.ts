import { FRAMES, MAX_FRAME_BYTES } from "../../firmware-bridge/protocol/fields.js";
import type { Inbox } from "../../firmware-bridge/protocol/inbox.js";
import { headOf, RecordReader } from "../../firmware-bridge/protocol/payload.js";
import type { Micros } from "../types.js";

/** Forms of RESULT. */
const DECISION = 0, LOGITS = 2;
const KINDS = ["new", "update", "end", "once"] as const;

/** What one network on a device says of one window. Times are the device's, without wraps. */
interface OfWindow {
  /** Which of the device's networks. */
  readonly model: number;
  readonly start: Micros;
  readonly end: Micros;
  /** Resets of the device before it: what was held then is over. */
  readonly resets: number;
}

/** The device leaves the decision to us. */
export interface DeviceLogits extends OfWindow {
  readonly form: "logits";
  readonly window: number;
  readonly events: number;
  readonly inferMicros: Micros;
  /** PlanField.Identity of the network. */
  readonly identity: number;
  readonly logits: Int32Array;
}

/** The device has decided. */
export interface DeviceDecision extends OfWindow {
  readonly form: "decision";
  readonly kind: (typeof KINDS)[number];
  readonly label: number;
  /** 0..1000 */
  readonly score: number;
}

export type DeviceResult = DeviceLogits | DeviceDecision;

/** RESULT frames of a bridge to results, in the order in which they came. Source: firmware-bridge/PROTOCOL.md. */
export class BridgeResults {
  readonly #decisions = new RecordReader(FRAMES.RESULT.forms[DECISION], MAX_FRAME_BYTES);
  readonly #logits = new RecordReader(FRAMES.RESULT.forms[LOGITS], MAX_FRAME_BYTES);
  #waiting: DeviceResult[] = [];

  /** @param inbox whose frame is ready   @returns whether it was a RESULT of a form that is read here */
  readonly take = (inbox: Inbox): boolean => {
    const { frame, seen: { resets } } = inbox;
    if (frame.type !== FRAMES.RESULT.code) return false;
    if (frame.form === LOGITS) {
      const head = headOf("RESULT", frame, LOGITS);
      const { count, columns } = this.#logits.read(frame);
      const start = inbox.time + head.start;
      this.#waiting.push({
        form: "logits", model: head.model, window: head.window, events: head.events, inferMicros: head.infer, identity: head.identity,
        start, end: start + head.span, resets, logits: Int32Array.from(columns["logit"]!.subarray(0, count)),
      });
      return true;
    }
    if (frame.form !== DECISION) return false;
    const { count, columns } = this.#decisions.read(frame);
    const column = (name: string, i: number): number => columns[name]![i]!;
    for (let i = 0; i < count; i++) {
      const start = inbox.time + column("start", i);
      this.#waiting.push({
        form: "decision", model: column("model", i), kind: KINDS[column("kind", i) & 3]!, label: column("label", i),
        score: Math.min(column("score", i), 1000), start, end: start + column("span", i), resets,
      });
    }
    return true;
  };

  /** What has come since the last time. */
  drain(): readonly DeviceResult[] {
    const came = this.#waiting;
    if (came.length > 0) this.#waiting = [];
    return came;
  }
}
