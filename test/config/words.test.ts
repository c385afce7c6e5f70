import fc from "fast-check";
import t from "tap";
import { editDistance, nearest } from "../../host/config/distance.js";
import { durationText, meantDuration, parseDuration } from "../../host/config/duration.js";
import { seeds } from "../seeds.js";

/** The definition, by recursion. */
function distance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const [one, other] = [a.slice(0, -1), b.slice(0, -1)];
  const cases = [distance(one, b) + 1, distance(a, other) + 1, distance(one, other) + (a.at(-1) === b.at(-1) ? 0 : 1)];
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) cases.push(distance(a.slice(0, -2), b.slice(0, -2)) + 1);
  return Math.min(...cases);
}

const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });

for (const seed of seeds())
  t.test(`edit distance is what its definition says (seed ${seed})`, async () => {
    fc.assert(fc.property(word, word, (a, b) => editDistance(a, b) === distance(a, b)), { seed, numRuns: 300 });
  });

t.test("the word that was meant", async (t) => {
  const keys = ["port", "baud", "rtscts", "stall-after", "sensor-info", "models", "mqtt", "udp"];
  for (const [written, meant] of [
    ["buad", "baud"], ["baudrate", "baud"], ["Baud_Rate", "baud"], ["stall_after", "stall-after"], ["stallAfter", "stall-after"],
    ["model", "models"], ["mqqt", "mqtt"], ["upd", "udp"], ["prot", "port"], ["rtcts", "rtscts"], ["zebra", undefined], ["", undefined],
    ["-", undefined],
  ] as const)
    t.equal(nearest(written, keys), meant, written);
});

t.test("durations", async (t) => {
  for (const [text, micros] of [
    ["20us", 20], ["5ms", 5000], ["1.5ms", 1500], ["2s", 2e6], ["10min", 600e6], ["24h", 86_400e6], ["1d", 86_400e6], ["0.4us", 0],
    ["5", undefined], ["5 ms", undefined], ["-5ms", undefined], ["ms", undefined], ["5m", undefined], ["1e3s", undefined], ["", undefined],
  ] as const)
    t.equal(parseDuration(text), micros, text);
  for (const [written, meant] of [
    ["5 sec", "5s"], ["5sec", "5s"], ["24 hours", "24h"], ["10 m", "10min"], ["20 µs", "20us"], ["20μs", "20us"], ["5 msecs", "5ms"],
    ["2 Days", "2d"], ["5 parsecs", undefined], ["5 constructor", undefined], ["soon", undefined], [5, undefined], [null, undefined],
  ] as const)
    t.equal(meantDuration(written), meant, String(written));
});

for (const seed of seeds())
  t.test(`a duration is read as it was written (seed ${seed})`, async () => {
    fc.assert(fc.property(fc.nat(2 ** 50), (micros) => parseDuration(durationText(micros)) === micros), { seed });
  });
