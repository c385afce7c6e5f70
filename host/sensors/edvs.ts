import type { Command, SensorControl } from "./control.js";
import { FirstBytes } from "./first-bytes.js";
import { TextLines } from "./text-lines.js";

/** Formats by the names of their decoders, and the command that asks for them. */
const FORMATS = { "edvs-e0": "!E0", "edvs-e1": "!E1", "edvs-e2": "!E2", "edvs-e3": "!E3", "edvs-e4": "!E4" } as const;
export type EdvsFormat = keyof typeof FORMATS;
export const EDVS_FORMATS = Object.keys(FORMATS) as readonly EdvsFormat[];

const LONGEST_LINE = 160;
/** Answers come before events; but another program may have left the sensor streaming, at up to 1.2 MB/s. */
const LISTENED_BYTES = 1 << 20;
/** Events that are under way when the sensor is told to stop, and its answers to the short commands, need less. */
const STOP_MILLIS = 100, ANSWER_MILLIS = 50, SETTING_MILLIS = 20;

/**
 * iniVation eDVS and mini-eDVS: ends whatever line another program began, stops events, asks for the firmware, sets the event format and
 * the time to 0, starts events. Commands are lines of ASCII. The port needs RTS/CTS.
 *
 * The sensor echoes commands and answers in text; firmware that does not know `?V` says "Get: parsing error", which is no fault.
 * Source: iniVation's eDVS user guide, the firmware of the eDVS4337 (command parser), and the command list of the mini-eDVS.
 */
export function edvsControl(format: EdvsFormat): SensorControl {
  const lines = new TextLines(LONGEST_LINE), first = new FirstBytes(LISTENED_BYTES);
  return {
    start: [
      line("\nE-", STOP_MILLIS),
      line("?V", ANSWER_MILLIS),
      line(FORMATS[format], SETTING_MILLIS),
      line("!ET=0", SETTING_MILLIS),
      line("E+", 0),
    ],
    // In another event format its bytes would be read as other events, and a time that is set back as one that wraps.
    foreignUntilStarted: true,
    stop: [line("E-", STOP_MILLIS)],
    hear(chunk) {
      const told = [...lines.take(first.of(chunk))].flatMap((text) => meaning(text) ?? []);
      return told.length === 0 ? undefined : told.join("; ");
    },
  };
}

function line(text: string, restMillis: number): Command {
  return { bytes: Buffer.from(`${text}\n`, "latin1"), restMillis };
}

/** What a line of text tells a person. */
function meaning(text: string): string | undefined {
  if (/DVS/.test(text)) return `eDVS: ${text.trim()}`;
  if (/^Set: .*error/.test(text)) return `eDVS did not take a setting (${text.trim()}): its firmware has other event formats, compare ??E`;
  return undefined;
}
