import type { Micros } from "../types.js";
import type { ClockName } from "./messages.js";

/** Puts a sensor's time on the clock that messages carry. */
export interface MessageClock {
  readonly name: ClockName;
  /** @param sensor µs of the sensor. @returns µs of the messages: since 1970, or of the recording. */
  at(sensor: Micros): Micros;
  /** What time it is, µs; `latest` is the newest sensor time that is known. */
  now(latest: Micros): Micros;
}

/** How much faster than the machine's clock a sensor's may run, before its times are held back: parts per million. */
const CREEP_PPM = 200;
/** A sensor's clock that falls by more than this has begun anew. */
const JUMP_MICROS = 10_000_000;

/** The machine's wall clock in µs since 1970: monotonic within one process. */
export function wallMicros(): Micros {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/**
 * For live sensors. The offset between the two clocks is that of the quickest delivery seen so far, so that a late chunk does not
 * move it; it creeps up by CREEP_PPM of the time that passed, so that a slow sensor clock is followed.
 */
export function systemClock(wall: () => Micros = wallMicros): MessageClock {
  let offset = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  const follow = (sensor: Micros): void => {
    if (newest - sensor > JUMP_MICROS) newest = Number.NEGATIVE_INFINITY;
    if (sensor <= newest) return;
    const allowed = offset + Math.round(((sensor - newest) * CREEP_PPM) / 1e6);
    const seen = wall() - sensor;
    offset = newest === Number.NEGATIVE_INFINITY ? seen : Math.min(seen, allowed);
    newest = sensor;
  };
  return {
    name: "system",
    at: (sensor) => {
      if (offset === Number.POSITIVE_INFINITY) follow(sensor);
      return sensor + offset;
    },
    now: (latest) => {
      follow(latest);
      return wall();
    },
  };
}

/** For recordings: messages carry the recording's own time and come out the same on every run. */
export function recordingClock(): MessageClock {
  return { name: "recording", at: (sensor) => sensor, now: (latest) => latest };
}
