import type { Events } from "../types.js";
import type { RecordingWriter } from "./recording-writer.js";

const LINES_AT_ONCE = 4096;

/** Text: a line of names, then `t,x,y,p` with t in whole µs. */
export class CsvWriter implements RecordingWriter {
  readonly timeShift = 0;

  begin(): Uint8Array {
    return Buffer.from("t,x,y,p\n");
  }

  *write({ count, t, x, y, p }: Events): Generator<Uint8Array> {
    for (let from = 0; from < count; from += LINES_AT_ONCE) {
      let text = "";
      for (let i = from; i < Math.min(count, from + LINES_AT_ONCE); i++) text += `${t[i]},${x[i]},${y[i]},${p[i]}\n`;
      yield Buffer.from(text, "latin1");
    }
  }

  end(): Iterable<Uint8Array> {
    return [];
  }
}
