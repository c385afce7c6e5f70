import { fileURLToPath } from "node:url";
import t from "tap";
import { randomProgram } from "../properties/random-program.js";
import { INT4_CASES, WEIGHTED_CASES } from "./cases/weighted.js";
import { testedVariants } from "./engine-under-test.js";
import { conform } from "./harness.js";

/** Node 20 has relaxed SIMD behind a flag, and its baseline compiler computes it wrongly; the optimising one does not. */
const FLAGS = ["--experimental-wasm-relaxed-simd", "--no-liftoff"];

if (testedVariants().includes("relaxed")) {
  conform(t, [...WEIGHTED_CASES, ...INT4_CASES, ...Array.from({ length: 20 }, (_, i) => randomProgram(1000 + i, 10))]);
} else if (process.execArgv.includes(FLAGS[0]!)) {
  t.fail("the relaxed build does not run, or not rightly, where it should");
} else {
  void t.spawn(process.execPath, [...process.execArgv, ...FLAGS, fileURLToPath(import.meta.url)], "the relaxed build");
}
