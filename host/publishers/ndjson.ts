import { once } from "node:events";
import type { Writable } from "node:stream";
import { eventJson } from "./json.js";
import type { Publisher } from "./publisher.js";

/**
 * One JSON event a line, to any writable: it waits for the reader instead of holding lines. A reader that goes away (a closed pipe)
 * is counted, not thrown. The stream stays open: it belongs to the caller.
 */
export function createNdjsonPublisher(stream: Writable): Publisher {
  const drops = { reader_gone: 0 };
  stream.on("error", () => undefined);
  return {
    drops,
    async publish(event) {
      if (!stream.writable) return void drops.reader_gone++;
      const written = (error: Error | null | undefined): void => void (drops.reader_gone += error ? 1 : 0);
      if (!stream.write(`${eventJson(event)}\n`, written) && stream.writable) await drained(stream);
    },
    async sourceStatus() {},
    stats() {},
    async close() {
      if (stream.writable && stream.writableNeedDrain) await drained(stream);
    },
  };
}

async function drained(stream: Writable): Promise<void> {
  const stop = new AbortController();
  const waits = ["drain", "close", "error"].map((name) => once(stream, name, { signal: stop.signal }).catch(() => undefined));
  await Promise.race(waits);
  stop.abort();
}
