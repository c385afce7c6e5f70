import { type Answer, Answers } from "./answers.js";
import type { Command, SensorControl } from "./control.js";
import { Conf, expressScan, getConf, Request, request, u16Payload } from "./rplidar-requests.js";

/** How an RPLIDAR measures, by the decoder's names, and the type of the answer that announces it, with the bytes of one frame. */
const MODES = {
  standard: { type: 0x81, bytes: 5 },
  express: { type: 0x82, bytes: 84 },
  hq: { type: 0x83, bytes: 781 },
  ultra: { type: 0x84, bytes: 132 },
  dense: { type: 0x85, bytes: 84 },
  "ultra-dense": { type: 0x86, bytes: 170 },
} as const;
export type MeasuringMode = keyof typeof MODES;
export const MEASURING_MODES = Object.keys(MODES) as readonly MeasuringMode[];
/** "typical": the mode that the sensor itself recommends. */
export type RplidarMode = MeasuringMode | "typical";
export const RPLIDAR_MODES: readonly RplidarMode[] = [...MEASURING_MODES, "typical"];

/** pwm: of A2 and A3 on their USB board, 0 to 1023. rpm: of S and later, turns a minute. "line": a line of the port turns it. */
export type RplidarMotor = { readonly pwm: number } | { readonly rpm: number } | "line";

export interface RplidarOptions {
  readonly mode: RplidarMode;
  /** The sensor's own number of the mode that is wanted: then nothing is asked first. */
  readonly scanMode: number | undefined;
  readonly motor: RplidarMotor;
}

const INFO = 0x04, HEALTH = 0x06, CONF = 0x20;
const BODY_BYTES: Readonly<Record<number, (bytes: number) => boolean>> = {
  [INFO]: (bytes) => bytes === 20,
  [HEALTH]: (bytes) => bytes === 3,
  [CONF]: (bytes) => bytes > 4 && bytes <= 64,
};
const FRAME_BYTES = new Map<number, number>(Object.values(MODES).map(({ type, bytes }) => [type, bytes]));
/** More modes than any sensor has. */
const MOST_SCAN_MODES = 16;
/** SLAMTEC's document asks for 1 ms after a stop; its SDK gives 100, and more after questions than an answer takes at 115200 baud. */
const STOP_MILLIS = 100, QUESTION_MILLIS = 50, MOTOR_MILLIS = 5;

/**
 * SLAMTEC RPLIDAR A, C, S and T: stops, asks for info and health, turns the motor, starts the mode that is wanted. "standard" and "express"
 * (the old form, which every firmware from 1.17 on takes) are started at once. Which of its numbered modes is any other, the sensor is
 * asked (firmware 1.24 and later): then the scan is due when it has answered.
 *
 * The motor: A2 and A3 on their USB board need the PWM command; S and later take a speed; that of an A1 hangs on the port's DTR line, which
 * must be clear. "line" sends neither. Source: SLAMTEC's interface protocol and the headers and driver of its SDK.
 */
export class RplidarControl implements SensorControl {
  readonly start: readonly Command[];
  readonly stop: readonly Command[];
  readonly #mode: RplidarMode;
  readonly #answers = new Answers((type, bytes, streams) =>
    streams ? FRAME_BYTES.get(type) === bytes : BODY_BYTES[type]?.(bytes) === true);
  /** The question whose answer is awaited, and about which mode. */
  #asked: { readonly entry: Conf; readonly scanMode: number } | undefined;
  #scanModes = 0;
  /** Types of the modes asked about so far. */
  readonly #types: number[] = [];
  #due: Command[] = [];
  /** Whether it has answered us: what it announced before, another program asked for. */
  #answered = false;

  constructor({ mode, scanMode, motor }: RplidarOptions) {
    this.#mode = mode;
    this.start = [
      command(request(Request.Stop), STOP_MILLIS),
      command(request(Request.GetInfo), QUESTION_MILLIS),
      command(request(Request.GetHealth), QUESTION_MILLIS),
      ...turn(motor),
      this.#begin(scanMode),
    ];
    // The motor of an S or C goes on, as with SLAMTEC's SDK.
    this.stop = [command(request(Request.Stop), STOP_MILLIS), ...(typeof motor === "object" && "pwm" in motor ? turn({ pwm: 0 }) : [])];
  }

  hear(chunk: Uint8Array): string | undefined {
    const told = [...this.#answers.take(chunk)].flatMap((answer) => this.#read(answer) ?? []);
    return told.length === 0 ? undefined : told.join("; ");
  }

  due(): readonly Command[] {
    return this.#due.splice(0);
  }

  #begin(scanMode: number | undefined): Command {
    if (scanMode !== undefined) return command(expressScan(scanMode), 0);
    if (this.#mode === "standard") return command(request(Request.Scan), 0);
    if (this.#mode === "express") return command(expressScan(0), 0);
    return this.#ask(this.#mode === "typical" ? Conf.ScanModeTypical : Conf.ScanModeCount);
  }

  #ask(entry: Conf, scanMode = 0): Command {
    this.#asked = { entry, scanMode };
    return command(entry === Conf.ScanModeAnswerType ? getConf(entry, scanMode) : getConf(entry), QUESTION_MILLIS);
  }

  #read({ type, streams, body }: Answer): string | undefined {
    if (streams) return this.#answered ? this.#readStart(type) : undefined;
    this.#answered = true;
    if (type === INFO) return readInfo(body);
    if (type === HEALTH) return readHealth(body);
    return this.#readConf(body);
  }

  #readStart(type: number): string {
    const wanted = this.#mode === "typical" || MODES[this.#mode].type === type;
    return `RPLIDAR measures in mode ${nameOf(type)}${wanted ? "" : `, though ${this.#mode} was asked for`}`;
  }

  #readConf(body: Uint8Array): string | undefined {
    const asked = this.#asked;
    if (asked === undefined || body[0] !== asked.entry || body[1] !== 0 || body[2] !== 0 || body[3] !== 0) return undefined;
    const value = body[4]! | ((body[5] ?? 0) << 8);
    this.#asked = undefined;
    if (asked.entry === Conf.ScanModeTypical) this.#due.push(this.#ask(Conf.ScanModeAnswerType, value));
    else if (asked.entry === Conf.ScanModeCount) {
      this.#scanModes = Math.min(value, MOST_SCAN_MODES);
      return this.#askNext();
    } else return this.#readType(asked.scanMode, body[4]!);
    return undefined;
  }

  #readType(scanMode: number, type: number): string | undefined {
    if (this.#mode === "typical" || type === MODES[this.#mode].type) {
      this.#due.push(command(type === MODES.standard.type ? request(Request.Scan) : expressScan(scanMode & 0xff), 0));
      return undefined;
    }
    this.#types.push(type);
    return this.#askNext();
  }

  #askNext(): string | undefined {
    const next = this.#types.length;
    if (next >= this.#scanModes) {
      const names = new Set(this.#types.map(nameOf));
      return `RPLIDAR has no mode ${this.#mode}: ask for ${[...names].join(" or ") || "standard"}`;
    }
    this.#due.push(this.#ask(Conf.ScanModeAnswerType, next));
    return undefined;
  }
}

function command(bytes: Uint8Array, restMillis: number): Command {
  return { bytes, restMillis };
}

function turn(motor: RplidarMotor): readonly Command[] {
  if (motor === "line") return [];
  const [code, value] = "pwm" in motor ? ([Request.SetMotorPwm, motor.pwm] as const) : ([Request.MotorSpeedCtrl, motor.rpm] as const);
  return [command(request(code, u16Payload(value)), MOTOR_MILLIS)];
}

function nameOf(type: number): string {
  return Object.entries(MODES).find(([, mode]) => mode.type === type)?.[0] ?? `0x${type.toString(16)}`;
}

/** u8 model, u8 minor, u8 major, u8 hardware, 16 bytes of serial number. */
function readInfo(body: Uint8Array): string {
  const serial = Buffer.from(body.subarray(4)).toString("hex");
  return `RPLIDAR model ${body[0]}, firmware ${body[2]}.${String(body[1]).padStart(2, "0")}, hardware ${body[3]}, serial ${serial}`;
}

/** u8 status, u16 error code. */
function readHealth(body: Uint8Array): string {
  const code = body[1]! | (body[2]! << 8);
  if (body[0] === 0) return "RPLIDAR is in good health";
  if (body[0] === 1) return `RPLIDAR warns with code ${code}: it measures, but may fail soon`;
  return `RPLIDAR has stopped to protect itself, code ${code}: cut its power for a moment; if it stops again, it is broken`;
}
