import type { Drops, Micros } from "../types.js";
import type { Show } from "./demo-show.js";
import type { Heard } from "./demo-subscriber.js";
import { dropsText, NOTHING, whole } from "./text.js";

/** One thing that was shown, and what the subscriber heard of it. */
export interface ShownResult {
  readonly shown: string;
  readonly start: Micros;
  readonly heard: Heard | undefined;
}

/** What the demo says in all. */
export interface DemoSummary {
  readonly things: Show["things"];
  readonly shown: number;
  readonly correct: number;
  readonly received: { readonly json: number; readonly cbor: number };
  readonly dropped: Drops;
  readonly url: string;
  readonly topics: { readonly json: string; readonly cbor: string };
}

/** Prints the demo: for people, or one JSON object a line. */
export interface DemoReport {
  begin(model: string, url: string, topics: DemoSummary["topics"]): void;
  thing(result: ShownResult): void;
  end(summary: DemoSummary): void;
}

export const isRight = ({ shown, heard }: ShownResult): boolean => heard?.label === shown;

export function jsonReport(): DemoReport {
  const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  return {
    begin() {},
    thing(result) {
      const { shown, start, heard } = result;
      const correct = isRight(result);
      if (heard === undefined) print({ shown, start, recognised: null, correct });
      else print({ shown, start, recognised: heard.label, score: heard.score, after_us: heard.toldAt - start, correct });
    },
    end({ things, shown, ...summary }) {
      print({ summary: { [things]: shown, ...summary } });
    },
  };
}

export function textReport({ says, things, labels }: Show): DemoReport {
  const colours = process.stdout.isTTY === true && !process.env["NO_COLOR"];
  const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const wide = Math.max(5, ...labels.map(({ length }) => length));
  return {
    begin(model, url, topics) {
      const { hostname, port } = new URL(url);
      print(`${says} What is recognised goes out over MQTT and comes back to this screen.\n`);
      print(`  model    ${model}`);
      print(`  broker   ${url}`);
      print(`  events   ${topics.json} (JSON), ${topics.cbor} (CBOR)`);
      print(`  listen   mosquitto_sub -h ${hostname} -p ${port} -v -t ${topics.json}\n`);
      print(paint(1, `${"shown".padStart(wide)}  ${"recognised".padStart(Math.max(10, wide))}    score  told after`));
    },
    thing(result) {
      const { shown, start, heard } = result;
      const told =
        heard === undefined
          ? [NOTHING, "", ""]
          : [heard.label, `${(heard.score / 10).toFixed(1)} %`, `${Math.round((heard.toldAt - start) / 1000)} ms`];
      const [label, score, after] = told as [string, string, string];
      const mark = isRight(result) ? paint(32, "✓") : paint(31, "✗");
      print(`${shown.padStart(wide)}  ${label.padStart(Math.max(10, wide))}  ${score.padStart(7)}  ${after.padStart(10)}  ${mark}`);
    },
    end({ shown, correct, received, dropped, url }) {
      const share = shown === 0 ? "" : ` (${Math.round((100 * correct) / shown)} %)`;
      print(`\n${paint(1, `${correct} of ${shown} ${things} recognised${share}`)}`);
      print(`${whole(received.json)} events came over ${url} as JSON, ${whole(received.cbor)} as CBOR; ${dropsText(dropped)}`);
      print(`to listen longer with a client of your own: saccade demo ${things} --forever`);
    },
  };
}
