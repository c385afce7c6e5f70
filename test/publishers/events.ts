import { createAuthor, type Author } from "../../host/publishers/author.js";
import { recordingClock, type MessageClock } from "../../host/publishers/clock.js";
import type { EventMessage } from "../../host/publishers/messages.js";
import type { Decision } from "../../host/types.js";

export const MODEL = { name: "nmnist", version: "1.2.0", sha256: "9f2c1ab4".repeat(8) };

export function authorOf(clock: MessageClock = recordingClock(), source = "cam0"): Author {
  return createAuthor({ gateway: "test", source, boot: 42, model: MODEL, clock });
}

/** The decision of window number `index`, 100 ms each. */
export function decision(index: number, kind: Decision["kind"], label = "7", score = 873): Decision {
  const start = index * 100_000;
  const window = { index, start, end: start + 100_000, events: 1400 };
  return { kind, label, score, start, end: kind === "end" || kind === "once" ? window.end : null, window, inferMicros: 312 };
}

/** `count` events that each are a whole life. */
export function events(count: number, author: Author = authorOf()): EventMessage[] {
  return Array.from({ length: count }, (_, index) => author.write(decision(index, "once", `${index % 10}`))!);
}
