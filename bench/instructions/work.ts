// node work.js FOLDER [CASE]: does every case of the folder a few times, then the named one MORE times: what that adds is their cost.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize } from "node:v8";
import { createDecoder } from "../../host/decoders/formats.js";
import { FILE_CHUNK_BYTES } from "../../host/sources/file.js";
import { makeEngine } from "../engines.js";
import type { Work } from "./cases.js";
import { MORE } from "./more.js";

const FEW = 4;

const [folder, named] = process.argv.slice(2) as [string, string | undefined];
for (const name of readdirSync(folder).sort()) {
  const run = runOf(deserialize(readFileSync(join(folder, name))) as Work);
  for (let i = 0; i < FEW; i++) run();
  if (name === named) for (let i = 0; i < MORE; i++) run();
}

function runOf(work: Work): () => void {
  if (work.kind === "decode") return () => decode(work.format, work.bytes);
  const engine = makeEngine(work.plan, work.constants, work.kernels, "simd"), stream = engine.stream();
  engine.input.set(work.frame);
  stream.beginWindow();
  return () => stream.step();
}

function decode(format: string, bytes: Uint8Array): void {
  const decoder = createDecoder(format);
  let events = 0;
  for (let at = 0; at < bytes.length; at += FILE_CHUNK_BYTES)
    for (const batch of decoder.push(bytes.subarray(at, at + FILE_CHUNK_BYTES))) events += batch.count;
  for (const batch of decoder.end()) events += batch.count;
  if (events === 0) throw new Error(`${format} holds no events`);
}
