import { SaccadeError } from "../errors.js";
import type { SensorSize } from "../types.js";
import { Aedat4Writer } from "./aedat4.js";
import { BridgeWriter } from "./bridge.js";
import { CsvWriter } from "./csv.js";
import { Evt2Writer } from "./evt2.js";
import { Evt3Writer } from "./evt3.js";
import type { RecordingWriter } from "./recording-writer.js";

export const WRITE_NAMES = ["evt2", "evt3", "aedat4", "csv", "npz", "bridge"] as const;
export type WriteName = (typeof WRITE_NAMES)[number];

/** Extensions that name one format that can be written; `.raw` names two. */
const BY_EXTENSION: Readonly<Record<string, readonly WriteName[]>> = {
  ".aedat4": ["aedat4"],
  ".csv": ["csv"],
  ".txt": ["csv"],
  ".npz": ["npz"],
  ".bridge": ["bridge"],
  ".raw": ["evt2", "evt3"],
};

/**
 * What to write: the name given, or what the extension says.
 * @param extension with the dot   @param path what to call the file in errors
 * @throws SaccadeError FORMAT_UNKNOWN, FORMAT_AMBIGUOUS
 */
export function chooseWriteFormat(given: string | undefined, extension: string, path: string): WriteName {
  const choices = `one of ${WRITE_NAMES.join(" ")}`;
  if (given !== undefined) {
    const name = WRITE_NAMES.find((candidate) => candidate === given);
    if (name === undefined) throw new SaccadeError("FORMAT_UNKNOWN", `"${given}" is no format that can be written`, `choose ${choices}`);
    return name;
  }
  const names = BY_EXTENSION[extension.toLowerCase()];
  if (!names) throw new SaccadeError("FORMAT_UNKNOWN", `${path} does not tell in what format to write`, `name it with --to, ${choices}`);
  if (names.length > 1) throw new SaccadeError("FORMAT_AMBIGUOUS", `${path} may be ${names.join(" or ")}`, "name its format with --to");
  return names[0]!;
}

/**
 * A writer that streams; npz, which needs the number of events first, has writeNpz.
 * @throws SaccadeError SENSOR_SIZE_UNKNOWN, RECORDING_UNSUPPORTED
 */
export function createWriter(name: Exclude<WriteName, "npz">, size: SensorSize | undefined): RecordingWriter {
  if (name === "csv") return new CsvWriter();
  if (!size)
    throw new SaccadeError(
      "SENSOR_SIZE_UNKNOWN",
      `a file of ${name} states the sensor's size, which the recording does not`,
      "give it with --size WxH",
    );
  switch (name) {
    case "evt2":
      return new Evt2Writer({ size });
    case "evt3":
      return new Evt3Writer({ size });
    case "aedat4":
      return new Aedat4Writer({ size });
    case "bridge":
      return new BridgeWriter({ size });
  }
}
