/**
 * Makes the engine's C: `node build/firmware-bridge/write-engine.js`, after `npm run build:embedded`. Wants wasm2c (Debian: wabt).
 * From build/embed/engine-embedded.wasm it writes build/embed/saccade_engine.c.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { engineSource, MODULE } from "./engine/rewrite.js";

/** This file runs from build/firmware-bridge. */
const folder = new URL("../embed/", import.meta.url), scratch = mkdtempSync(join(tmpdir(), "saccade-engine-"));
try {
  const written = join(scratch, "engine.c");
  execFileSync("wasm2c", [fileURLToPath(new URL("engine-embedded.wasm", folder)), "-n", MODULE, "-o", written]);
  writeFileSync(new URL("saccade_engine.c", folder), engineSource(readFileSync(written, "utf8")));
} finally {
  rmSync(scratch, { recursive: true });
}
