/**
 * Makes the engine's C, build/embed/saccade_engine.c, from build/embed/engine-embedded.wasm: `npm run build:embedded`. Wants wasm2c (Debian:
 * wabt). Without it the C is not made, and only with CI set is that a failure.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { engineSource, MODULE } from "./engine/rewrite.js";

/** This file runs from build/firmware-bridge. */
const folder = new URL("../embed/", import.meta.url), made = new URL("saccade_engine.c", folder);
const scratch = mkdtempSync(join(tmpdir(), "saccade-engine-"));
try {
  const written = join(scratch, "engine.c");
  rmSync(made, { force: true });
  const { error, status, stderr } = spawnSync("wasm2c", [fileURLToPath(new URL("engine-embedded.wasm", folder)), "-n", MODULE, "-o", written]);
  if (status === 0) {
    writeFileSync(made, engineSource(readFileSync(written, "utf8")));
  } else {
    process.stderr.write(`the engine's C is not made: ${error === undefined ? stderr.toString() : "no wasm2c (Debian: wabt)"}\n`);
    if (error === undefined || process.env["CI"]) process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true });
}
