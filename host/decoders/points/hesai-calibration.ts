import { SaccadeError } from "../../errors.js";
import type { HesaiCalibration } from "./hesai.js";

const MOST_LASERS = 128;

/**
 * The angle correction file of a Hesai: lines of channel from 1, elevation, azimuth, in degrees, after a heading.
 * @throws SaccadeError SENSOR_INFO_INVALID
 */
export function readHesaiCalibration(text: string): HesaiCalibration {
  const rows = text
    .split(/\r?\n/)
    .map((line) => line.split(",").map((cell) => (cell.trim() === "" ? NaN : Number(cell))))
    .filter((row) => row.length >= 3 && row.slice(0, 3).every(Number.isFinite));
  const inOrder = rows.every(([channel], i) => channel === i + 1);
  if (rows.length === 0 || rows.length > MOST_LASERS || !inOrder)
    throw new SaccadeError(
      "SENSOR_INFO_INVALID",
      "the Hesai's angle correction cannot be used: it has to be lines of channel, elevation, azimuth, in order",
      "save it again from the sensor",
    );
  return { elevation: rows.map((row) => row[1]!), offset: rows.map((row) => row[2]!) };
}
