import t from "tap";
import { decodeBytes, toColumns } from "./collect.js";

interface Case {
  readonly name: string;
  readonly text: string;
  readonly t?: readonly number[];
  readonly x?: readonly number[];
  readonly p?: readonly number[];
  readonly drops?: Record<string, number>;
  readonly error?: string;
}

const CASES: readonly Case[] = [
  {
    name: "a header in any order, spaces, another column",
    text: "pol; y ;x;extra;timestamp_us\r\n1; 2; 3;9;10\r\n0;2;4;9;11\r\n",
    t: [10, 11],
    x: [3, 4],
    p: [1, 0],
  },
  { name: "a header in a comment", text: "# x y p t\n1 2 0 5\n2 2 1 6\n", t: [5, 6], x: [1, 2], p: [0, 1] },
  { name: "seconds, no header", text: "0.000001 3 4 1\n0.1 3 4 0\n1.2345678 5 4 0\n", t: [1, 100000, 1234568], x: [3, 3, 5], p: [1, 0, 0] },
  {
    name: "epoch seconds keep their µs",
    text: "1700000000.123456 3 4 1\n1700000000.1234575 3 4 1\n",
    t: [1700000000123456, 1700000000123458],
    x: [3, 3],
    p: [1, 1],
  },
  { name: "time last, tabs", text: "7\t2\t1\t900\n3\t2\t0\t901\n", t: [900, 901], x: [7, 3], p: [1, 0] },
  { name: "ns and ms by the header", text: "t_ns,x,y,p\n1999,1,1,1\n", t: [1], x: [1], p: [1] },
  { name: "ms", text: "time (ms),x,y,p\n1.5,1,1,-1\n", t: [1500], x: [1], p: [0] },
  { name: "true, false, exponents", text: "t,x,y,on\n1,1,1,True\n2e1,1,1,false\n", t: [1e6, 2e7], x: [1, 1], p: [1, 0] },
  { name: "no last line feed", text: "t,x,y,p\n5,1,1,1", t: [5], x: [1], p: [1] },
  {
    name: "lines that are no event, and times that run backwards or below 0",
    text: "t,x,y,p\n5,1,1,1\nhello\n6,1,1\n7,-1,1,1\n8,1,1,2\n4,2,1,1\n-1,1,1,1\n\n# a comment\n9,65536,1,1\n",
    t: [5, 5],
    x: [1, 2],
    p: [1, 1],
    drops: { malformed_line: 5, time_backwards: 1, bad_time: 1 },
  },
  { name: "several orders fit", text: "0,0,1,1\n0,0,1,1\n", error: "FORMAT_AMBIGUOUS" },
  { name: "time falls and no header says which column it is", text: "9,1,7,1\n5,1,6,0\n", error: "RECORDING_CORRUPT" },
  { name: "words", text: "hello world\n", error: "RECORDING_CORRUPT" },
  { name: "a header and no event", text: "t,x,y,p\n", t: [], x: [], p: [] },
  { name: "a header and nothing that is an event", text: "t,x,y,p\nhello,1\n", error: "RECORDING_CORRUPT", drops: { malformed_line: 1 } },
];

for (const { name, text, t: times = [], x = [], p = [], drops = {}, error } of CASES)
  t.test(name, async (t) => {
    for (const cuts of [[], [1]]) {
      const decoded = decodeBytes("csv", Buffer.from(text), cuts);
      t.strictSame({ ...toColumns(decoded.events), y: [] }, { t: times, x, y: [], p });
      t.strictSame(decoded.drops, drops);
      t.equal(decoded.error, error);
    }
  });

t.test("a first line of two numbers is the sensor", async (t) => {
  const { size, events, drops } = decodeBytes("csv", Buffer.from("240 180\n0.5 239 179 1\n0.6 240 0 0\n"));
  t.strictSame(size, { width: 240, height: 180 });
  t.equal(events.count, 1);
  t.strictSame(drops, { outside_sensor: 1 });
});

t.test("a line that never ends is passed over", async (t) => {
  const text = `t,x,y,p\n1,1,1,1\n${"7".repeat(200_000)}\n2,1,1,1\n`;
  const { events, drops } = decodeBytes("csv", Buffer.from(text), [1000]);
  t.strictSame(toColumns(events).t, [1, 2]);
  t.strictSame(drops, { malformed_line: 1 });
});
