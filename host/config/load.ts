import { constants } from "node:fs";
import { access, open } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { SaccadeError } from "../errors.js";
import { buildConfig } from "./build.js";
import { checkTogether } from "./checks.js";
import type { Config } from "./config.js";
import { applyEnvironment, type Environment } from "./environment.js";
import { checkFiles } from "./files.js";
import { problemLine, type Problem, type Problems } from "./problem.js";
import type { RawConfig } from "./raw.js";
import { validate } from "./validate.js";
import { MAX_BYTES, readYaml } from "./yaml.js";

/** Where a configuration is looked for when none is named, in this order. */
export const USUAL_FILES = ["saccade.yaml", "/etc/saccade/saccade.yaml"] as const;

/** What was found in a file: a configuration, unless there are errors; each list in the order of the text. */
export interface CheckedConfig {
  readonly config: Config | undefined;
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** @throws SaccadeError FILE_NOT_FOUND when there is no configuration at the usual places */
export async function findConfig(places: readonly string[] = USUAL_FILES): Promise<string> {
  for (const place of places) if (await access(place, constants.F_OK).then(() => true, () => false)) return resolve(place);
  const remedy = "name one with --config; docs/configuration.md has an example";
  throw new SaccadeError("FILE_NOT_FOUND", `there is no ${places.join(" and no ")}`, remedy);
}

/**
 * Reads a configuration whole: syntax, schema, names, files, secrets.
 * @throws SaccadeError FILE_NOT_FOUND, FILE_UNREADABLE; CONFIG_INVALID, whose details are all problems, one a line
 */
export async function loadConfig(path: string, env: Environment = process.env): Promise<Config> {
  const { config, errors } = await checkConfig(path, env);
  if (config !== undefined) return config;
  throw invalidConfig(path, errors);
}

/** The error of a file with these problems. */
export function invalidConfig(path: string, errors: readonly Problem[]): SaccadeError {
  const [what, them] = errors.length === 1 ? ["a problem", "it"] : [`${errors.length} problems`, "them"];
  const details = errors.map((problem) => problemLine(path, problem));
  return new SaccadeError("CONFIG_INVALID", `${path} has ${what}`, `correct ${them}, then run: saccade config check ${path}`, { details });
}

/** The same, with everything that was found in place of an error. @throws SaccadeError FILE_NOT_FOUND, FILE_UNREADABLE */
export async function checkConfig(path: string, env: Environment = process.env): Promise<CheckedConfig> {
  return checkConfigBytes(await readBounded(path), dirname(resolve(path)), env);
}

/** @param folder  which relative paths are relative to */
export function checkConfigBytes(bytes: Uint8Array, folder: string, env: Environment): CheckedConfig {
  const unreadable = bytes.length > MAX_BYTES ? `this is longer than ${MAX_BYTES / 1024} KiB` : isUtf8(bytes) ? undefined : "this is no UTF-8 text";
  if (unreadable !== undefined) return { config: undefined, errors: [wholeFile(unreadable)], warnings: [] };
  const { value, problems } = readYaml(new TextDecoder().decode(bytes));
  if (value === undefined) return outcome(undefined, problems);
  applyEnvironment(value, env, problems);
  validate(value, problems);
  checkTogether(value, problems);
  checkFiles(value, folder, env, problems);
  return outcome(problems.errors.length === 0 ? buildConfig(value as RawConfig, { folder, env, problems }) : undefined, problems);
}

function outcome(config: Config | undefined, { errors, warnings }: Problems): CheckedConfig {
  return { config: errors.length === 0 ? config : undefined, errors, warnings };
}

function wholeFile(message: string): Problem {
  const suggestion = "compare with the examples of docs/configuration.md";
  return { severity: "error", line: 1, column: 1, path: "", message, suggestion };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** As many bytes as a configuration may have, and one more to tell that there are more. */
async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const bytes = new Uint8Array(MAX_BYTES + 1);
      let length = 0;
      for (let read = -1; read !== 0; length += read) ({ bytesRead: read } = await file.read(bytes, length, bytes.length - length));
      return bytes.subarray(0, length);
    } finally {
      await file.close();
    }
  } catch (cause) {
    const { code = "unknown error" } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new SaccadeError("FILE_NOT_FOUND", `there is no file ${path}`, "check the path, or write one after docs/configuration.md", { cause });
    throw new SaccadeError("FILE_UNREADABLE", `${basename(path)} cannot be read (${code})`, "name a file that you may read", { cause });
  }
}
