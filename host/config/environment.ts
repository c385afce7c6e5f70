import { nearest } from "./distance.js";
import type { Path, Problems } from "./problem.js";
import type { Value } from "./yaml.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Environment variables that say what a file would: for containers, and for secrets. */
export const OVERRIDES: Readonly<Record<string, Path>> = {
  SACCADE_GATEWAY: ["gateway"],
  SACCADE_MQTT__URL: ["mqtt", "url"],
  SACCADE_MQTT__USERNAME: ["mqtt", "username"],
  SACCADE_MQTT__PASSWORD: ["mqtt", "password"],
};

/** Puts what the environment says over what the file says; an empty variable says nothing. */
export function applyEnvironment(value: Value, env: Environment, problems: Problems): void {
  if (!isMapping(value)) return;
  for (const [variable, path] of Object.entries(OVERRIDES)) {
    const text = env[variable];
    if (text === undefined || text === "") continue;
    const parent = path.length === 1 ? value : mapping(value, path[0]!, variable, problems);
    if (parent === undefined) continue;
    parent[path.at(-1)!] = text;
    problems.place(path, { variable });
  }
  for (const variable of Object.keys(env)) {
    if (!/^SACCADE_(?:MQTT|GATEWAY)/.test(variable) || variable in OVERRIDES) continue;
    const near = nearest(variable, Object.keys(OVERRIDES));
    const suggestion = near === undefined ? `known are ${Object.keys(OVERRIDES).join(", ")}` : `did you mean ${near}?`;
    problems.add([], `the environment variable ${variable} says nothing here`, suggestion, { severity: "warning" });
  }
}

function mapping(value: Record<string, Value>, key: string, variable: string, problems: Problems): Record<string, Value> | undefined {
  const found = value[key];
  if (found !== undefined && found !== null) return isMapping(found) ? found : undefined;
  problems.place([key], { variable });
  return (value[key] = Object.create(null) as Record<string, Value>) as Record<string, Value>;
}

/** Keys and values, as opposed to lists, texts, numbers. */
export function isMapping(value: Value): value is Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
