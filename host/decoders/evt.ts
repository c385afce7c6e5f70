import { SaccadeError } from "../errors.js";
import type { Drops, SensorSize } from "../types.js";
import { Evt2Body } from "./evt2.js";
import { Evt21Body } from "./evt21.js";
import { Evt3Body } from "./evt3.js";
import { Evt4Body } from "./evt4.js";
import { HEADER_LIMIT, type PropheseeHeader, readPropheseeHeader } from "./prophesee-header.js";
import type { Body, Layout, Opened } from "./recording-decoder.js";
import { agreeOnSize } from "./sensor-size.js";

const BODIES = {
  evt2: (drops, size) => new Evt2Body(drops, size),
  evt21: (drops, size, header) => new Evt21Body(drops, size, header.legacyWords),
  evt3: (drops, size) => new Evt3Body(drops, size),
  evt4: (drops, size) => new Evt4Body(drops, size),
} satisfies Record<string, (drops: Drops, size: SensorSize | undefined, header: PropheseeHeader) => Body>;

export type EvtName = keyof typeof BODIES;

export const isEvtName = (name: string): name is EvtName => name in BODIES;

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
      return { bodyAt: header.bodyAt, size, body: BODIES[format](drops, size, header) };
    },
  };
}
