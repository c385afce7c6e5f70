import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Environment } from "./environment.js";
import type { Path, Problems } from "./problem.js";
import type { RawSecret } from "./raw.js";

const MOST_BYTES = 4096;
const OTHERS_READ = 0o004;

/** Reads a secret where it is kept. What is wrong is told; the secret is not. @returns undefined when it cannot be had */
export function readSecret(secret: RawSecret, path: Path, folder: string, env: Environment, problems: Problems): string | undefined {
  if (typeof secret === "string") return secret;
  if (secret.file !== undefined) return fromFile(resolve(folder, secret.file), [...path, "file"], problems);
  const text = env[secret.env!];
  if (text !== undefined && text !== "") return text;
  problems.add([...path, "env"], `the environment variable ${secret.env} is not set`, "set it where the gateway is started, or name a file");
  return undefined;
}

function fromFile(file: string, path: Path, problems: Problems): string | undefined {
  try {
    const { size, mode } = statSync(file);
    const text = size > MOST_BYTES ? "" : readFileSync(file, "utf8");
    const secret = /^[^\r\n]*/.exec(text)![0];
    if (secret === "") problems.add(path, `${file} holds no password`, "put it into the first line, and no more than that");
    else if (mode & OTHERS_READ)
      problems.add(path, `every user of this machine may read ${file}`, `run: chmod 600 ${file}`, { severity: "warning" });
    return secret === "" ? undefined : secret;
  } catch (error) {
    problems.add(path, `the password cannot be read from ${file} (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`,
      "create it, or let the gateway's user read it");
    return undefined;
  }
}
