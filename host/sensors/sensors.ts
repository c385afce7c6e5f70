import { SaccadeError } from "../errors.js";
import type { SensorControl } from "./control.js";
import { EDVS_FORMATS, edvsControl } from "./edvs.js";
import { HokuyoControl } from "./hokuyo.js";
import { MEASURING_MODES, RPLIDAR_MODES, RplidarControl, type RplidarMode, type RplidarMotor } from "./rplidar.js";
import { tfminiControl } from "./tfmini.js";
import { YDLIDAR_FORMATS, ydlidarControl } from "./ydlidar.js";

export interface SensorOptions {
  /** RPLIDAR: how it shall measure. Default: what the format names (rplidar-dense), else "standard", which every model has. */
  readonly mode?: RplidarMode | undefined;
  /** RPLIDAR: the sensor's own number of its mode, 0 to 255, instead. */
  readonly scanMode?: number | undefined;
  /** RPLIDAR: what turns its motor. Default { pwm: 660 }, the speed that SLAMTEC's SDK gives. */
  readonly motor?: RplidarMotor | undefined;
  /** Hokuyo: intensities too. Default false. */
  readonly intensity?: boolean | undefined;
  /** TFmini Plus, TFmini-S, TF-Luna: distances a second, 1 to 1000. Default 100. */
  readonly rate?: number | undefined;
  /** TFmini Plus, TFmini-S, TF-Luna: whether the sensor keeps its settings in its flash. Default false. */
  readonly save?: boolean | undefined;
}

const USUAL_MOTOR: RplidarMotor = { pwm: 660 };
const USUAL_RATE = 100;
const TFMINI_UNITS = { tfmini: "cm", "tfmini-mm": "mm" } as const;

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T => (names as readonly string[]).includes(name);

/**
 * What is said to a sensor so that it streams.
 *
 * @param format the name of its decoder
 * @returns undefined when nothing needs to be said: LD06, LD19 and the like; OpenMV by its script; TFmini in centimetres at its own rate,
 *   as the first TFmini takes no command of its followers; the bridge, which has a conversation of its own; and what is no serial sensor
 * @throws SaccadeError CONFIG_INVALID for an option out of its range
 */
export function sensorControl(format: string, options: SensorOptions = {}): SensorControl | undefined {
  if (isOneOf(EDVS_FORMATS, format)) return edvsControl(format);
  if (isOneOf(YDLIDAR_FORMATS, format)) return ydlidarControl();
  if (format === "hokuyo") return new HokuyoControl({ intensity: options.intensity ?? false });
  if (format === "tfmini" || format === "tfmini-mm") return tfmini(TFMINI_UNITS[format], options);
  if (format === "rplidar") return rplidar("standard", options);
  const named = MEASURING_MODES.find((mode) => format === `rplidar-${mode}`);
  return named === undefined ? undefined : rplidar(named, options);
}

function rplidar(named: RplidarMode, { mode = named, scanMode, motor = USUAL_MOTOR }: SensorOptions): SensorControl {
  if (!isOneOf(RPLIDAR_MODES, mode)) throw outside("mode", mode, `one of ${RPLIDAR_MODES.join(" ")}`);
  if (scanMode !== undefined) demand("scanMode", scanMode, 0, 255);
  if (motor !== "line") {
    if ("pwm" in motor) demand("motor.pwm", motor.pwm, 0, 1023);
    else demand("motor.rpm", motor.rpm, 1, 65535);
  }
  return new RplidarControl({ mode, scanMode, motor });
}

function tfmini(unit: "cm" | "mm", { rate, save = false }: SensorOptions): SensorControl | undefined {
  if (rate !== undefined) demand("rate", rate, 1, 1000);
  return unit === "cm" && rate === undefined && !save ? undefined : tfminiControl({ unit, rate: rate ?? USUAL_RATE, save });
}

function demand(option: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) throw outside(option, value, `a whole number from ${least} to ${most}`);
}

function outside(option: string, value: unknown, wanted: string): SaccadeError {
  return new SaccadeError("CONFIG_INVALID", `${option} of a sensor is ${JSON.stringify(value)}`, `give ${wanted}`);
}
