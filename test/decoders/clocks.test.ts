import t from "tap";
import { LineClock } from "../../host/decoders/clocks/line-clock.js";
import { SampleClock } from "../../host/decoders/clocks/sample-clock.js";
import { WrappedTime } from "../../host/decoders/clocks/wrapped-time.js";
import { createPointDecoder } from "../../host/decoders/points/formats.js";
import { collect } from "./points/collect.js";
import { SERIAL_ENCODINGS, streamOf, tfminiFrame } from "./points/encode.js";
import { madeShots } from "./points/shots.js";

const BAUD = 115200, BYTE_MICROS = 10e6 / BAUD;

t.test("a byte's time is that of its chunk, less what the line took for the bytes after it", async (t) => {
  const line = new LineClock({ baud: BAUD }, 1);
  line.hear(100, 50_000);
  t.equal(line.timeAfter(100), 50_000);
  t.equal(line.timeAfter(60), 50_000 - 40 * BYTE_MICROS);
  line.hear(10, 90_000);
  t.equal(line.timeAfter(105), 90_000 - 5 * BYTE_MICROS);
  const usb = new LineClock({}, BAUD);
  usb.hear(100, 50_000);
  t.equal(usb.timeAfter(1), 50_000, "at no rate, all of a chunk comes together");
  const capture = new LineClock({}, BAUD);
  capture.hear(100, undefined);
  t.equal(capture.timeAfter(60), 60 * BYTE_MICROS, "without arrivals, at the usual rate from 0");
});

t.test("with the line's rate, times are the same however a stream that never rests is cut", async (t) => {
  const streams = [
    ["tfmini", Buffer.concat(madeShots(200, 1).map(({ mm }) => tfminiFrame(mm, 500)))],
    ...SERIAL_ENCODINGS.filter(({ format }) => format !== "ld06" && format !== "stl27l").map(
      (encoding) => [encoding.format, streamOf(encoding, madeShots(20 * encoding.shots, 2))] as const,
    ),
  ] as const;
  for (const [format, bytes] of streams) {
    const run = (length: number): number[] => {
      const chunks = Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) => {
        const end = Math.min(bytes.length, (i + 1) * length);
        return { bytes: bytes.subarray(i * length, end), arrival: 1e9 + end * BYTE_MICROS };
      });
      return collect(createPointDecoder(format, { baud: BAUD }), chunks).t;
    };
    const whole = run(bytes.length);
    for (const length of [1, 7, 64, 1000]) t.ok(run(length).every((time, i) => Math.abs(time - whole[i]!) <= 1), `${format} by ${length} bytes`);
    t.ok(whole.every((time, i) => time >= 1e9 - 1e5 && (i === 0 || time >= whole[i - 1]!)), `${format}: times do not fall`);
  }
});

t.test("samples are even where frames are told by a coarse clock; a gap is a gap", async (t) => {
  const clock = new SampleClock(1e6 / 4500, 1500), period = 1e6 / 4470;
  let last = -Infinity, worst = 0;
  for (let frame = 1; frame <= 400; frame++) {
    const truth = frame * 12 * period;
    clock.frame(1000 * Math.floor(truth / 1000), 12);
    t.ok(clock.start > last || frame < 2);
    last = clock.start + 11 * clock.period;
    if (frame > 100) worst = Math.max(worst, Math.abs(last - (truth - 500)));
  }
  t.ok(worst < 350, `${worst} µs beside the mean of its millisecond`);
  t.ok(Math.abs(clock.period - period) < 3);
  clock.frame(5e6, 12);
  t.equal(Math.round(clock.start + 11 * clock.period), 5e6, "after a gap");
  const unknown = new SampleClock(250, 20_000);
  for (let frame = 1; frame <= 60; frame++) unknown.frame(frame * 32 * 62.5, 32);
  t.ok(Math.abs(unknown.period - 62.5) < 0.5, "a first guess four times too long is unlearnt");
});

t.test("counters that wrap go on; a little back is back", async (t) => {
  const time = new WrappedTime(30_000);
  t.strictSame(
    [29_990, 29_999, 3, 1, 29_998, 2, 15_000, 29_000, 10].map((value) => time.unwrap(value)),
    [29_990, 29_999, 30_003, 30_001, 29_998, 30_002, 45_000, 59_000, 60_010],
  );
});
