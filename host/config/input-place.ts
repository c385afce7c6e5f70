import { realpathSync } from "node:fs";
import { isMapping } from "./environment.js";
import type { Path } from "./problem.js";
import type { Value } from "./yaml.js";

/** Where a source's bytes come in, to tell whether two sources would take them from each other. */
export interface InputPlace {
  /** Of the key that says it, from the source on. */
  readonly path: Path;
  /** For people: "port /dev/ttyUSB0". */
  readonly what: string;
  conflicts(other: InputPlace): boolean;
  readonly identity: readonly string[];
}

const ANY_ADDRESS = ["0.0.0.0", "::"];

/** undefined for recordings, and for what is not complete. */
export function inputPlace(source: Record<string, Value>, name: string, base: string): InputPlace | undefined {
  const { serial, udp, mqtt } = source;
  if (isMapping(serial) && typeof serial["port"] === "string") {
    const { port } = serial;
    return placeOf(["serial", "port"], `port ${port}`, ["serial", portIdentity(port)]);
  }
  if (isMapping(udp) && typeof udp["port"] === "number") {
    const { port, address, group } = udp;
    const listens = [group, address].find((named) => typeof named === "string") as string | undefined;
    return placeOf(["udp", "port"], `UDP port ${port}`, ["udp", String(port), listens ?? ANY_ADDRESS[0]!]);
  }
  if (!isMapping(mqtt)) return undefined;
  const topic = typeof mqtt["topic"] === "string" ? mqtt["topic"] : rawTopic(base, name);
  return placeOf(["mqtt", "topic"], `topic ${topic}`, ["mqtt", topic]);
}

/** Where a sensor's raw packets are published, unless a topic is named. */
export function rawTopic(base: string, source: string): string {
  return `${base}/in/${source}/raw`;
}

function placeOf(path: Path, what: string, identity: readonly string[]): InputPlace {
  return { path, what, identity, conflicts: (other) => same(identity, other.identity) };
}

/** Equal, but that two sockets on one UDP port also meet where one of them listens on every address. */
function same([kind, where, address]: readonly string[], other: readonly string[]): boolean {
  if (kind !== other[0] || where !== other[1]) return false;
  return kind !== "udp" || address === other[2] || ANY_ADDRESS.includes(address!) || ANY_ADDRESS.includes(other[2]!);
}

/** A port by whatever name: the file behind it, if it is there today. */
function portIdentity(port: string): string {
  if (port.startsWith("usb:")) return port.toLowerCase();
  const path = port.startsWith("/") ? port : `/dev/serial/by-id/${port}`;
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
