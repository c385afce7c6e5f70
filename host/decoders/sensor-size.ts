import { SaccadeError } from "../errors.js";
import type { SensorSize } from "../types.js";

/** Pixels along one side that a size may have. */
export const MAX_SIDE = 65535;

/** A size from two numbers of a header, or undefined when they are not one. */
export function sizeOf(width: number, height: number): SensorSize | undefined {
  const fits = (side: number): boolean => Number.isInteger(side) && side >= 1 && side <= MAX_SIDE;
  return fits(width) && fits(height) ? { width, height } : undefined;
}

/**
 * What the file says, or else what the user says.
 * @throws SaccadeError SENSOR_MISMATCH when both speak and differ
 */
export function agreeOnSize(file: SensorSize | undefined, given: SensorSize | undefined): SensorSize | undefined {
  if (file && given && (file.width !== given.width || file.height !== given.height))
    throw new SaccadeError(
      "SENSOR_MISMATCH",
      `the recording is of a ${file.width}x${file.height} sensor, not ${given.width}x${given.height}`,
      "leave the size away, the file states it",
    );
  return file ?? given;
}
