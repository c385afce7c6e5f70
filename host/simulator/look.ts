import type { Events, Micros } from "../types.js";
import { EventColumns } from "./columns.js";
import type { DvsSensor } from "./dvs.js";

/** How often the sensor looks at a body that moves: in 4 ms a hand of 3 m/s moves by half a pixel. */
export const LOOK_MICROS: Micros = 4000;

/** What the sensor sees of a body from 0 to the end. */
export function watched(sensor: DvsSensor, micros: Micros): Events {
  const events = new EventColumns();
  for (let t = LOOK_MICROS; t < micros + LOOK_MICROS; t += LOOK_MICROS) sensor.expose(Math.min(t, micros), events);
  return events;
}
