import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import type { SensorControl } from "../../host/sensors/control.js";
import { sensorControl, type SensorOptions } from "../../host/sensors/sensors.js";
import { framesOf, hokuyoAnswer, SERIAL_ENCODINGS, tfminiFrame } from "../decoders/points/encode.js";
import { madeShots } from "../decoders/points/shots.js";
import { seeds } from "../seeds.js";

const control = (format: string, options?: SensorOptions): SensorControl => sensorControl(format, options)!;
const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");
const heard = (format: string, bytes: Uint8Array | string, options?: SensorOptions): string | undefined =>
  control(format, options).hear!(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);

/** What is told and due of bytes that come in pieces of the given lengths. */
function talk(sensor: SensorControl, bytes: Uint8Array, lengths: readonly number[]): { readonly told: string; readonly due: string[] } {
  const told: string[] = [], due: string[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + lengths[i % lengths.length]!;
    const line = sensor.hear!(bytes.subarray(at, end));
    if (line !== undefined) told.push(line);
    due.push(...(sensor.due?.() ?? []).map((command) => Buffer.from(command.bytes).toString("hex")));
    at = end;
  }
  return { told: told.join("; "), due };
}

t.test("RPLIDAR: health is told, with what to do", async (t) => {
  t.equal(heard("rplidar", bytesOf("a55a0300000006 000000")), "RPLIDAR is in good health");
  t.match(heard("rplidar", bytesOf("a55a0300000006 010200")), /warns with code 2/);
  t.match(heard("rplidar", bytesOf("a55a0300000006 020180")), /stopped to protect itself, code 32769: cut its power/);
  const both = bytesOf("00a5 a55a1400000004 18 1d 01 07 00112233445566778899aabbccddeeff a55a0300000006 000000");
  t.equal(heard("rplidar", both), "RPLIDAR model 24, firmware 1.29, hardware 7, serial 00112233445566778899aabbccddeeff; RPLIDAR is in good health");
  t.equal(heard("rplidar", bytesOf("a55a0400000006 00000000")), undefined, "no such answer");
});

t.test("RPLIDAR: another mode than the wanted one is told, but not what another program asked for", async (t) => {
  const sensor = control("rplidar-express");
  t.equal(sensor.hear!(bytesOf("a55a0500004081")), undefined);
  sensor.hear!(bytesOf("a55a0300000006 000000"));
  t.equal(sensor.hear!(bytesOf("a55a0500004081")), "RPLIDAR measures in mode standard, though express was asked for");
  t.equal(sensor.hear!(bytesOf("a55a5400004082")), "RPLIDAR measures in mode express");
});

t.test("RPLIDAR: the number of a mode is asked for, one question after the other", async (t) => {
  const sensor = control("rplidar-dense");
  const say = (hex: string): unknown => [sensor.hear!(bytesOf(hex)), sensor.due!().map(({ bytes }) => Buffer.from(bytes).toString("hex"))];
  t.strictSame(say("a55a0600000020 70000000 0300"), [undefined, ["a584067500000000" + "0052"]], "type of mode 0");
  t.strictSame(say("a55a0500000020 75000000 81"), [undefined, ["a584067500000001" + "0053"]]);
  t.strictSame(say("a55a0500000020 75000000 82"), [undefined, ["a584067500000002" + "0050"]]);
  t.strictSame(say("a55a0500000020 75000000 85"), [undefined, ["a5820502000000" + "0020"]], "it is mode 2");
  t.strictSame(say("a55a0500000020 75000000 85"), [undefined, []], "nothing is awaited any more");
  t.strictSame(say("a55a5400004085"), ["RPLIDAR measures in mode dense", []]);
});

t.test("RPLIDAR: a mode that it has not is told with those that it has", async (t) => {
  const bytes = bytesOf("a55a0600000020 70000000 0200 a55a0500000020 75000000 81 a55a0500000020 75000000 84");
  t.match(talk(control("rplidar-hq"), bytes, [11]).told, /^RPLIDAR has no mode hq: ask for standard or ultra$/);
  t.match(talk(control("rplidar-hq"), bytesOf("a55a0600000020 70000000 0000"), [99]).told, /no mode hq: ask for standard/);
  const many = Buffer.concat([bytesOf("a55a0600000020 70000000 ffff"), ...Array<Buffer>(1000).fill(bytesOf("a55a0500000020 75000000 81"))]);
  t.ok(talk(control("rplidar-hq"), many, [12]).due.length <= 20, "a sensor that claims 65535 modes is not asked about all");
});

t.test("YDLIDAR: health is told once, with what to do", async (t) => {
  t.equal(heard("ydlidar", bytesOf("a55a0300000006 000000 a55a0300000006 000000")), "YDLIDAR is in good health");
  t.match(heard("ydlidar", bytesOf("a55a0300000006 010300")), /warns with code 3/);
  t.match(heard("ydlidar", bytesOf("a55a0300000006 020001")), /error, code 256: cut its power/);
  t.equal(heard("ydlidar", bytesOf("a55a1400000004 06 05 01 02 000102030405060708090a0b0c0d0e0f")),
    "YDLIDAR model 6, firmware 1.5, hardware 2, serial 000102030405060708090a0b0c0d0e0f");
  t.equal(heard("ydlidar", bytesOf("a55a0500004081")), undefined, "measurements follow");
});

t.test("Hokuyo: the answers of its manual", async (t) => {
  const vv = "VV\n00P\nVEND:Hokuyo Automatic Co.,Ltd.;[\nPROD:SOKUIKI Sensor URG-04LX;[\nFIRM:3.1.00(18/Jan./2007);`\nPROT:SCIP 2.0;N\nSERI:H0614967;V\n\n";
  t.equal(heard("hokuyo", vv), "Hokuyo firmware 3.1.00(18/Jan./2007), SCIP 2.0, serial H0614967");
  const sensor = control("hokuyo");
  const pp = "PP\n00P\nMODL:URG-04LX(Hokuyo Automatic Co.,Ltd.);N\nDMIN:20;4\nDMAX:5600;_\nARES:1024;\\\nAMIN:44;7\nAMAX:725;o\nAFRT:384;6\nSCAN:600;e\n\n";
  t.match(sensor.hear!(Buffer.from(pp)), /^Hokuyo URG-04LX\(Hokuyo Automatic Co\.,Ltd\.\), steps 44 to 725$/);
  t.strictSame(sensor.due!(), [], "that is what it measures already");
});

t.test("Hokuyo: trouble is told once, with what to do", async (t) => {
  const sensor = control("hokuyo");
  const say = (text: string): string | undefined => sensor.hear!(Buffer.from(text, "latin1"));
  t.match(say("BM\n01Q\n\n"), /cannot light its laser/);
  t.equal(say("BM\n02R\n\n"), undefined, "it is lit already");
  t.equal(say("MD0044072501000\n00P\n\n"), undefined);
  t.match(say("MD0044072501000\n04T\n\n"), /does not take the command.*04/);
  t.match(say("MD0044072501000\n50U\n\n"), /trouble with its laser or motor, status 50: cut its power/);
  t.equal(say("MD0044072501000\n50U\n\n"), undefined, "told already");
  t.match(say("MD0044072501000\n98a\n\n"), /goes on/);
  t.equal(say("MD0044072501000\n50X\n\n"), undefined, "a wrong sum");
  t.equal(say(hokuyoAnswer(1, [1000, 2000, 3000]).toString("latin1")), undefined, "a scan");
});

t.test("eDVS and TFmini", async (t) => {
  t.equal(heard("edvs-e2", "E-\n?V\n\nEDVS-4337, RELEASE V1.3 IMU\n"), "eDVS: EDVS-4337, RELEASE V1.3 IMU");
  t.equal(heard("edvs-e2", "Get: parsing error\n-E2\n"), undefined, "older firmware does not tell its version");
  t.match(heard("edvs-e4", "Set: parsing error\n"), /other event formats/);
  t.equal(heard("tfmini-mm", Buffer.concat([tfminiFrame(500, 200), bytesOf("5a07 01 00 0a 01 6d 5a05 05 06 6a")])), "TFmini firmware 1.10.0");
  t.match(heard("tfmini-mm", bytesOf("5a05 05 01 65")), /kept format 1 though 6 was asked for/);
  t.match(heard("tfmini-mm", bytesOf("5a05 11 01 71"), { save: true }), /could not save/);
});

/** Streams of real frames, answers, and bytes at random. */
const FORMATS = ["edvs-e2", "rplidar", "rplidar-dense", "ydlidar", "hokuyo", "tfmini-mm"];
const STREAM = Buffer.concat([
  ...framesOf(SERIAL_ENCODINGS.find(({ frameBytes }) => frameBytes === 84)!, madeShots(400, 3)),
  hokuyoAnswer(3, madeShots(600, 2).map(({ mm }) => mm)),
  ...madeShots(100, 1).map(({ mm }) => tfminiFrame(mm, 200)),
]);
const ANSWERS = [
  bytesOf("a55a1400000004 18 1d 01 07 00112233445566778899aabbccddeeff"), bytesOf("a55a0300000006 020180"), bytesOf("a55a0600000020 70000000 0300"),
  bytesOf("a55a0500000020 75000000 85"), bytesOf("a55a0500004081"), bytesOf("a55affffff3f04"), bytesOf("a55a00000000 20"), bytesOf("5a07 01 00 0a 01 6d"),
  Buffer.from("PP\n00P\nAMIN:0;\nAMAX:9999999999;x\n\n"), Buffer.from("QT\nE\n\n"), Buffer.from("EDVS-4337\n"), Buffer.from("A".repeat(1000)), STREAM,
];

for (const seed of seeds())
  t.test(`any bytes are heard without a throw, the same however they are cut (seed ${seed})`, async (t) => {
    const part = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom<Uint8Array>(...ANSWERS));
    const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(fc.constantFrom(...FORMATS), fc.array(part, { maxLength: 12 }), cuts, (format, parts, lengths) => {
      const bytes = Buffer.concat(parts);
      const whole = talk(control(format), bytes, [bytes.length + 1]), pieces = talk(control(format), bytes, lengths);
      assert.deepEqual(pieces, whole, `${format}, cut by ${lengths}`);
      assert.match(whole.told, /^[\x20-\x7e]*$/, "one line of plain text");
    }), { seed, numRuns: 1000 });
    t.pass();
  });

t.test("a megabyte of noise is told of in no time", async (t) => {
  const noise = Buffer.alloc(1 << 20);
  for (let i = 0, state = 1; i < noise.length; i++) noise[i] = (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
  for (const format of FORMATS) {
    const sensor = control(format), began = performance.now();
    for (let at = 0; at < noise.length; at += 4096) sensor.hear!(noise.subarray(at, at + 4096));
    t.comment(`${format}: ${(performance.now() - began).toFixed(1)} ms a MiB`);
    t.ok(performance.now() - began < 1000);
  }
});
