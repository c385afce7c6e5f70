import t from "tap";
import { POINT_FORMATS } from "../../host/decoders/points/formats.js";
import type { Command, SensorControl } from "../../host/sensors/control.js";
import { sensorControl, type SensorOptions } from "../../host/sensors/sensors.js";

const control = (format: string, options?: SensorOptions): SensorControl => sensorControl(format, options)!;
const hex = (commands: readonly Command[]): string[] => commands.map(({ bytes }) => Buffer.from(bytes).toString("hex"));
const text = (commands: readonly Command[]): string[] => commands.map(({ bytes }) => Buffer.from(bytes).toString("latin1"));

t.test("eDVS: stops, asks, sets format and time, starts", async (t) => {
  for (const format of [0, 1, 2, 3, 4]) {
    const { start, stop } = control(`edvs-e${format}`);
    t.strictSame(text(start), ["\nE-\n", "?V\n", `!E${format}\n`, "!ET=0\n", "E+\n"]);
    t.strictSame(text(stop), ["E-\n"]);
  }
});

t.test("RPLIDAR: the request packets of SLAMTEC's document", async (t) => {
  // STOP, GET_INFO, GET_HEALTH, SET_MOTOR_PWM 660, SCAN.
  t.strictSame(hex(control("rplidar").start), ["a525", "a550", "a552", "a5f0029402c1", "a520"]);
  t.strictSame(hex(control("rplidar").stop), ["a525", "a5f002000057"]);
  t.ok(control("rplidar").start[0]!.restMillis >= 1, "a stop needs a rest of 1 ms");
  t.equal(hex(control("rplidar-standard").start).at(-1), "a520");
  t.equal(hex(control("rplidar-express").start).at(-1), "a582050000000000" + "22");
  t.equal(hex(control("rplidar", { scanMode: 3 }).start).at(-1), "a582050300000000" + "21");
  t.equal(hex(control("rplidar", { mode: "express" }).start).at(-1), hex(control("rplidar-express").start).at(-1));
  t.strictSame(hex(control("rplidar", { motor: { rpm: 600 } }).start), ["a525", "a550", "a552", "a5a8025802" + "55", "a520"]);
  t.strictSame(hex(control("rplidar", { motor: { rpm: 600 } }).stop), ["a525"]);
  t.strictSame(hex(control("rplidar", { motor: "line" }).start), ["a525", "a550", "a552", "a520"]);
  t.equal(hex(control("rplidar-dense").start).at(-1), "a5840470000000" + "55", "asks how many modes there are");
  t.equal(hex(control("rplidar", { mode: "typical" }).start).at(-1), "a584047c000000" + "59", "asks for the recommended mode");
});

t.test("YDLIDAR: two bytes a command", async (t) => {
  for (const format of ["ydlidar", "ydlidar-intensity", "ydlidar-tof"]) {
    t.strictSame(hex(control(format).start), ["a565", "a590", "a592", "a591", "a560"]);
    t.strictSame(hex(control(format).stop), ["a565"]);
  }
});

t.test("Hokuyo: SCIP 2.0, all steps of a URG-04LX, without end", async (t) => {
  t.strictSame(text(control("hokuyo").start), ["QT\n", "VV\n", "PP\n", "BM\n", "MD0044072501000\n"]);
  t.equal(text(control("hokuyo", { intensity: true }).start).at(-1), "ME0044072501000\n");
  t.strictSame(text(control("hokuyo").stop), ["QT\n"]);
});

t.test("TFmini Plus, TFmini-S, TF-Luna: the commands of their manuals, with their sums", async (t) => {
  t.strictSame(hex(control("tfmini-mm").start), ["5a05070066", "5a04015f", "5a0505066a", "5a06036400c7", "5a05070167"]);
  t.strictSame(hex(control("tfmini", { rate: 1000, save: true }).start),
    ["5a05070066", "5a04015f", "5a05050165", "5a0603e8034e", "5a04116f", "5a05070167"]);
  t.strictSame(control("tfmini-mm").stop, []);
});

t.test("what streams by itself is told nothing", async (t) => {
  for (const format of ["ld06", "stl06p", "stl27l", "tfmini", "openmv", "evr1", "evtstream", "bridge", "velodyne", "rplidar-", "rplidar-none", "rplidar-typical", ""])
    t.equal(sensorControl(format), undefined, format);
});

t.test("every serial format of points is either told something or streams by itself", async (t) => {
  const alone = new Set(["ld06", "stl06p", "stl27l", "tfmini"]);
  for (const { name, transport } of POINT_FORMATS)
    t.equal(sensorControl(name) === undefined, transport !== "serial" || alone.has(name), name);
});

t.test("options out of their range are refused", async (t) => {
  const refused = { code: "CONFIG_INVALID" };
  for (const [format, options] of [
    ["rplidar", { scanMode: 256 }], ["rplidar", { scanMode: -1 }], ["rplidar", { scanMode: 1.5 }], ["rplidar", { motor: { pwm: 1024 } }],
    ["rplidar", { motor: { rpm: 0 } }], ["rplidar", { mode: "fast" as "hq" }], ["tfmini", { rate: 0 }], ["tfmini-mm", { rate: 1001 }],
  ] satisfies [string, SensorOptions][])
    t.throws(() => sensorControl(format, options), refused, JSON.stringify(options));
});
