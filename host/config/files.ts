import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../root.js";
import { isMapping, type Environment } from "./environment.js";
import type { Path, Problems } from "./problem.js";
import type { RawSecret } from "./raw.js";
import { isSecret } from "./secrecy.js";
import { readSecret } from "./secret.js";
import type { Value } from "./yaml.js";

/** The file of a package: a path, or of that name in the zoo when there is no such file. */
export function packagePath(named: string, folder: string): string {
  const file = resolve(folder, named);
  if (isFile(file) || !/^[a-z0-9][a-z0-9-]*$/.test(named)) return file;
  const inZoo = fileURLToPath(new URL(`models/zoo/${named}.saccade`, packageRoot));
  return isFile(inZoo) ? inZoo : file;
}

/** Whether what a configuration names is there and can be read. Takes any value, and passes over what already has an error. */
export function checkFiles(value: Value, folder: string, env: Environment, problems: Problems): void {
  if (!isMapping(value)) return;
  const { mqtt, models, sources } = value;
  if (isMapping(mqtt)) checkPassword(mqtt["password"], folder, env, problems);
  for (const [name, model] of entries(models)) {
    const [named, path] = isMapping(model) ? [model["package"], ["models", name, "package"]] : [model, ["models", name]];
    if (isName(named, path, problems)) checkFile(packagePath(named, folder), path, "check the path, or name a model of the zoo: nmnist", problems);
  }
  for (const [name, source] of entries(sources)) if (isMapping(source)) checkSourceFiles(source, ["sources", name], folder, problems);
}

function checkSourceFiles(source: Record<string, Value>, path: Path, folder: string, problems: Problems): void {
  const { file, record } = source;
  const wanted: readonly (readonly [Value, Path])[] = [
    [isMapping(file) ? file["path"] : undefined, [...path, "file", "path"]],
    [source["sensor-info"], [...path, "sensor-info"]],
  ];
  for (const [named, at] of wanted) if (isName(named, at, problems)) checkFile(resolve(folder, named), at, "check the path", problems);
  const at = [...path, "record"];
  if (isName(record, at, problems) && isFile(resolve(folder, record))) problems.add(at, `${resolve(folder, record)} is a file`, "name a folder");
}

function checkPassword(password: Value, folder: string, env: Environment, problems: Problems): void {
  const path = ["mqtt", "password"];
  if (!isMapping(password) || problems.has(path)) return;
  const { file, env: variable } = password;
  const isOne = isName(file, [...path, "file"], problems) !== isName(variable, [...path, "env"], problems);
  if (isOne) readSecret(password as RawSecret, path, folder, env, problems);
}

function checkFile(file: string, path: Path, suggestion: string, problems: Problems): void {
  if (isFile(file)) return;
  if (isSecret(path)) problems.add(path, "there is no such file", suggestion);
  else problems.add(path, existsSync(file) ? `${file} is no file` : `there is no file ${file}`, suggestion);
}

function isName(named: Value, path: Path, problems: Problems): named is string {
  return typeof named === "string" && named !== "" && !problems.has(path);
}

function entries(value: Value): [string, Value][] {
  return isMapping(value) ? Object.entries(value) : [];
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}
