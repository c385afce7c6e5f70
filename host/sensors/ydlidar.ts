import { type Answer, Answers } from "./answers.js";
import type { Command, SensorControl } from "./control.js";

export const YDLIDAR_FORMATS = ["ydlidar", "ydlidar-intensity", "ydlidar-tof"] as const;

const MARK = 0xa5;
const SCAN = 0x60, STOP = 0x65, GET_INFO = 0x90;
/** The manuals number the question for health 0x91, YDLIDAR's SDK 0x92: both are asked, and the first answer is told. */
const GET_HEALTH = [0x92, 0x91] as const;
const INFO = 0x04, HEALTH = 0x06;
const INFO_BYTES = 20, HEALTH_BYTES = 3;
const STOP_MILLIS = 100, QUESTION_MILLIS = 50;

/**
 * YDLIDAR X4, G, S, TG and others that take commands: stops, asks for info and health, starts the scan, which turns the motor. Between scan
 * and stop they must be asked nothing. X2 only sends. Where a motor hangs on a line of the port, that is the port's matter.
 * Source: the development manuals of G4 and F4 PRO, and YDLIDAR's protocol header.
 */
export function ydlidarControl(): SensorControl {
  const answers = new Answers(isExpected);
  let healthTold = false;
  return {
    start: [
      command(STOP, STOP_MILLIS),
      command(GET_INFO, QUESTION_MILLIS),
      ...GET_HEALTH.map((code) => command(code, QUESTION_MILLIS)),
      command(SCAN, 0),
    ],
    stop: [command(STOP, STOP_MILLIS)],
    hear(chunk) {
      const told: string[] = [];
      for (const answer of answers.take(chunk)) {
        if (answer.type === HEALTH && healthTold) continue;
        healthTold ||= answer.type === HEALTH;
        told.push(meaning(answer));
      }
      return told.length === 0 ? undefined : told.join("; ");
    },
  };
}

function isExpected(type: number, bytes: number, streams: boolean): boolean {
  return !streams && ((type === INFO && bytes === INFO_BYTES) || (type === HEALTH && bytes === HEALTH_BYTES));
}

function command(code: number, restMillis: number): Command {
  return { bytes: Uint8Array.of(MARK, code), restMillis };
}

/** INFO: u8 model, u8 minor, u8 major (as YDLIDAR's SDK reads them), u8 hardware, 16 bytes of serial. HEALTH: u8 status, u16 error code. */
function meaning({ type, body }: Answer): string {
  if (type === INFO) {
    const serial = Buffer.from(body.subarray(4)).toString("hex");
    return `YDLIDAR model ${body[0]}, firmware ${body[2]}.${body[1]}, hardware ${body[3]}, serial ${serial}`;
  }
  const code = body[1]! | (body[2]! << 8);
  if (body[0] === 0) return "YDLIDAR is in good health";
  if (body[0] === 1) return `YDLIDAR warns with code ${code}: it measures, but look after it`;
  return `YDLIDAR reports an error, code ${code}: cut its power for a moment; if that does not help, it is broken`;
}
