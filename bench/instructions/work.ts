// node work.js FOLDER: does every case of the folder until it is compiled, then TIMES between two marks.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize } from "node:v8";
import { createDecoder } from "../../host/decoders/formats.js";
import { Engine } from "../../host/engine/engine.js";
import { mark } from "./callgrind.js";
import type { Work } from "./cases.js";
import { TIMES, WARM } from "./times.js";

const [folder] = process.argv.slice(2) as [string];
for (const name of readdirSync(folder).sort()) {
  const run = runOf(deserialize(readFileSync(join(folder, name))) as Work);
  for (let i = 0; i < WARM; i++) run();
  mark();
  for (let i = 0; i < TIMES; i++) run();
  mark();
}

function runOf(work: Work): () => void {
  if (work.kind === "decode") return decoding(work.format, work.bytes);
  const engine = new Engine(work.plan, work.constants, { kernels: work.kernels, build: "simd" }), stream = engine.stream();
  engine.input.set(work.frame);
  stream.beginWindow();
  return () => stream.step();
}

/** Each run decodes the next part of the recording, all of it in all runs. */
function decoding(format: string, bytes: Uint8Array): () => void {
  const decoder = createDecoder(format), part = Math.ceil(bytes.length / (WARM + TIMES));
  let at = 0;
  return () => {
    let events = 0;
    for (const batch of decoder.push(bytes.subarray(at, at + part))) events += batch.count;
    at += part;
    if (events === 0) throw new Error(`${format} holds no events`);
  };
}
