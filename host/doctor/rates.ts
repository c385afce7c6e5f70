import type { SerialInput, SourceConfig } from "../config/config.js";
import { factsOf } from "../config/format-facts.js";
import { fail, type Finding, ok, warn } from "./finding.js";

/** A start bit, eight of data, a stop bit. */
const BITS_A_BYTE = 10;
/** Bytes of one event; of the bridge and OpenMV, what is usual. */
const EVENT_BYTES: Readonly<Record<string, number>> = {
  bridge: 4, openmv: 8, "edvs-e0": 2, "edvs-e1": 3, "edvs-e2": 4, "edvs-e3": 5, "edvs-e4": 6, evt2: 4, evt3: 2, evt21: 8, evt4: 4, dat: 8,
};
/** What a small event camera gives while a hand moves before it. */
const LIVELY_EVENTS = 100_000;
/** From here on a converter's buffer is full in less time than the system takes to look. */
const FAST_BAUD = 4_000_000;
/** Sensors whose rate cannot be changed. */
const FIXED = /^(ld06|stl06p|stl27l)$/;
/** Ports of the sensor's own USB, which have no rate. */
const RATELESS = ["openmv"];

/** Whether a source's line can carry what its sensor says. */
export function checkRate(source: string, { format }: SourceConfig, { baudRate, rtscts }: SerialInput): Finding[] {
  const check = `source ${source}`;
  const sold = factsOf(format)?.baudRate;
  const n = (value: number): string => value.toLocaleString("en-US");
  if (FIXED.test(format) && baudRate !== sold)
    return [fail(check, `${n(baudRate)} baud, and every ${format} speaks ${n(sold!)}`, "leave baud away")];
  const bytes = EVENT_BYTES[format];
  if (bytes === undefined || RATELESS.includes(format)) {
    if (sold === undefined || sold === baudRate) return [];
    return [warn(check, `${n(baudRate)} baud, and a ${format} as it is sold speaks ${n(sold)}`, "leave baud away, unless its data sheet says otherwise")];
  }
  const events = Math.floor(baudRate / BITS_A_BYTE / bytes);
  const carries = `${n(baudRate)} baud carries ${n(events)} events a second of ${bytes} bytes`;
  const findings = events < LIVELY_EVENTS
    ? [warn(check, `${carries}: a lively scene has more`, "raise baud as far as the sensor goes, or use USB; a full line drops events in the sensor")]
    : [ok(check, carries)];
  if (baudRate >= FAST_BAUD && !rtscts)
    findings.push(warn(check, `${n(baudRate)} baud without rtscts: bytes are lost whenever this machine is late`, "connect RTS and CTS and write rtscts: true"));
  return findings;
}
