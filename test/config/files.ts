import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Test } from "tap";
import { checkConfigBytes, type CheckedConfig } from "../../host/config/load.js";
import { problemLine } from "../../host/config/problem.js";

/** The folder of a test's configuration, with these files in it. */
export function folderWith(t: Test, files: Readonly<Record<string, string>>): string {
  const folder = t.testdir({});
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
  return folder;
}

/** Checks a text in an environment of its own. */
export function check(text: string | Uint8Array, folder = "/", env: Readonly<Record<string, string>> = {}): CheckedConfig {
  return checkConfigBytes(typeof text === "string" ? Buffer.from(text) : text, folder, env);
}

/** Its errors, or warnings, as they are printed, without the file's name: "3:8 mqtt.url what; suggestion". */
export function errorLines({ errors }: CheckedConfig): string[] {
  return errors.map((problem) => problemLine("", problem).replace(/^:/, "").trim());
}

export function warningLines({ warnings }: CheckedConfig): string[] {
  return warnings.map((problem) => problemLine("", problem).replace(/^:/, "").trim());
}
