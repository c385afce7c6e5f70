import type { Writable } from "node:stream";
import type { EventMessage } from "../publishers/messages.js";
import type { Publisher } from "../publishers/publisher.js";
import { seconds } from "./text.js";

/** One line an event, for people: when, which step of its life, label, score. */
export function createTextPublisher(stream: Writable): Publisher {
  return {
    drops: {},
    async publish(event) {
      stream.write(`${line(event)}\n`);
    },
    async sourceStatus() {},
    stats() {},
    async close() {},
  };
}

function line({ ts, source, type, label, score }: EventMessage): string {
  return `${seconds(ts).padStart(12)}  ${source}  ${type.padEnd(6)}  ${label}  ${(score / 10).toFixed(1)} %`;
}
