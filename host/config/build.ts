import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { SensorSize } from "../types.js";
import type { BrokerConfig, Config, DenoiseConfig, InputConfig, ModelConfig, SourceConfig } from "./config.js";
import { parseDuration } from "./duration.js";
import type { Environment } from "./environment.js";
import { factsOf, formatName } from "./format-facts.js";
import { rawTopic } from "./input-place.js";
import { packagePath } from "./files.js";
import type { Problems } from "./problem.js";
import type { RawBroker, RawConfig, RawModel, RawSource } from "./raw.js";
import { readSecret } from "./secret.js";

/** What a configuration is made with. */
export interface BuildContext {
  /** The file's folder, which relative paths are relative to. */
  readonly folder: string;
  readonly env: Environment;
  readonly problems: Problems;
}

/** From what fits the schema to what the gateway takes: paths made absolute, secrets read, defaults completed. */
export function buildConfig(raw: RawConfig, context: BuildContext): Config {
  const base = raw.mqtt?.base ?? "saccade";
  const models = new Map(Object.entries(raw.models).map(([name, model]) => [name, modelOf(model, context)]));
  const sources = new Map(Object.entries(raw.sources).map(([name, source]) => [name, sourceOf(name, source, base, context)]));
  const stateFolder = raw["state-folder"] === undefined ? usualStateFolder(context.env) : resolve(context.folder, raw["state-folder"]);
  return { gateway: raw.gateway, mqtt: raw.mqtt && brokerOf(raw.mqtt, context), models, sources, stateFolder };
}

/** $STATE_DIRECTORY, which systemd sets, else where users' programs keep their state. */
function usualStateFolder(env: Environment): string {
  const given = env["STATE_DIRECTORY"]?.split(":")[0];
  if (given !== undefined && given !== "") return resolve(given);
  const { XDG_STATE_HOME: xdg } = env;
  return join(xdg !== undefined && xdg.startsWith("/") ? xdg : join(homedir(), ".local", "state"), "saccade");
}

/** User and password of the URL are taken out of it, so that it may be printed. */
function brokerOf(raw: RawBroker, { folder, env, problems }: BuildContext): BrokerConfig {
  const url = new URL(raw.url);
  const given = raw.password === undefined ? undefined : readSecret(raw.password, ["mqtt", "password"], folder, env, problems);
  const inUrl = { username: decoded(url.username), password: decoded(url.password) };
  return {
    url: raw.url.replace(/\/\/[^@/]*@/, "//"),
    base: raw.base,
    username: raw.username ?? inUrl.username,
    password: given ?? inUrl.password,
    clientId: raw["client-id"],
    cbor: raw.cbor,
    queueLimit: raw.queue,
    expirySeconds: Math.round(parseDuration(raw.expiry)! / 1e6),
  };
}

function decoded(part: string): string | undefined {
  if (part === "") return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function modelOf(raw: string | RawModel, { folder }: BuildContext): ModelConfig {
  const { package: named, workers } = typeof raw === "string" ? { package: raw, workers: 1 } : raw;
  return { package: packagePath(named, folder), workers };
}

function sourceOf(name: string, raw: RawSource, base: string, { folder }: BuildContext): SourceConfig {
  const facts = factsOf(raw.format)!;
  const input = inputOf(name, raw, base, facts.baudRate, folder);
  return {
    input,
    format: formatName(raw.format),
    size: raw.size === undefined ? facts.size : sizeOf(raw.size),
    models: raw.models,
    results: raw.results,
    overload: raw.overload ?? (input.kind === "file" ? "block" : "drop-oldest"),
    stallMillis: raw["stall-after"] === "never" ? Number.POSITIVE_INFINITY : parseDuration(raw["stall-after"])! / 1000,
    denoise: denoiseOf(raw.denoise),
    record: raw.record === undefined ? undefined : resolve(folder, raw.record),
    sensorInfo: raw["sensor-info"] === undefined ? undefined : resolve(folder, raw["sensor-info"]),
  };
}

function inputOf(name: string, raw: RawSource, base: string, usualBaud: number | undefined, folder: string): InputConfig {
  const { serial, udp, mqtt, file } = raw;
  if (serial !== undefined) return { kind: "serial", port: serial.port, baudRate: serial.baud ?? usualBaud!, rtscts: serial.rtscts };
  if (udp !== undefined) return { kind: "udp", address: udp.address, port: udp.port, from: udp.from, group: udp.group };
  if (mqtt !== undefined) return { kind: "mqtt", topic: mqtt.topic ?? rawTopic(base, name) };
  return { kind: "file", path: resolve(folder, file!.path), speed: file!.speed };
}

function sizeOf(text: string): SensorSize {
  const [width, height] = text.split("x").map(Number) as [number, number];
  return { width, height };
}

function denoiseOf(raw: RawSource["denoise"] = {}): DenoiseConfig {
  const micros = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseDuration(text));
  return {
    backgroundActivityMicros: micros(raw["background-activity"]),
    refractoryMicros: micros(raw.refractory),
    hotPixelRate: raw["hot-pixels"],
  };
}
