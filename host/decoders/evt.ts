import { SaccadeError } from "../errors.js";
import type { Drops, SensorSize } from "../types.js";
import { type Encoding, EvtBody } from "./evt-body.js";
import { HEADER_LIMIT, type PropheseeHeader, readPropheseeHeader } from "./prophesee-header.js";
import type { Layout, Opened } from "./recording-decoder.js";
import { agreeOnSize } from "./sensor-size.js";

const EVT_NAMES = ["evt2", "evt21", "evt3", "evt4"] as const;
export type EvtName = (typeof EVT_NAMES)[number];

export const isEvtName = (name: string): name is EvtName => (EVT_NAMES as readonly string[]).includes(name);

const encodingOf = (name: EvtName, header: PropheseeHeader): Encoding => (name === "evt21" && header.legacyWords ? "evt21Legacy" : name);

/** A Prophesee RAW file of the named encoding: an optional text header, then words. */
export function evtLayout(format: EvtName, given: SensorSize | undefined): Layout {
  return {
    format,
    headLimit: HEADER_LIMIT,
    open(head: Uint8Array, ended: boolean, drops: Drops): Opened | undefined {
      const header = readPropheseeHeader(head, ended);
      if (!header) return undefined;
      if (header.encoding !== undefined && header.encoding !== format)
        throw new SaccadeError(
          "RECORDING_UNSUPPORTED",
          `the header says ${header.encoding}, not ${format}`,
          "leave --as away, or correct the header",
        );
      const size = agreeOnSize(header.size, given);
      return { bodyAt: header.bodyAt, size, body: new EvtBody(drops, size, encodingOf(format, header)) };
    },
  };
}
