import { isIP } from "node:net";
import { isMapping } from "./environment.js";
import { AUTO, factsOf, FORMAT_FACTS, type FormatFacts, type InputKind } from "./format-facts.js";
import type { Path, Problems } from "./problem.js";
import type { Value } from "./yaml.js";

type Source = Record<string, Value>;

const KINDS: readonly InputKind[] = ["serial", "udp", "mqtt", "file"];
/** How each input is called in a sentence. */
const BY: Readonly<Record<InputKind, string>> = { serial: "on a serial port", udp: "by UDP", mqtt: "by MQTT", file: "in files" };

/** What belongs together within one source: its input, its format, and what either makes of the other keys. */
export function checkSource(source: Source, path: Path, problems: Problems): void {
  const inputs = KINDS.filter((kind) => kind in source);
  const input = inputs.length === 1 ? inputs[0] : undefined;
  if (isMapping(source["udp"])) checkAddresses(source["udp"], [...path, "udp"], problems);
  const format = typeof source["format"] === "string" ? source["format"] : undefined;
  const facts = format === undefined ? undefined : factsOf(format);
  if (format === undefined || facts === undefined) return;
  if (input !== undefined) checkInput(input, format, facts, path, problems);
  if (input === "serial" && facts.inputs.includes(input) && isMapping(source["serial"])) checkBaud(source["serial"], format, facts, path, problems);
  if (input !== undefined && input !== "file" && source["overload"] === "block" && input !== "serial")
    problems.add([...path, "overload"], `a sender ${BY[input]} does not wait: what it sends meanwhile would be lost uncounted`, "write drop-oldest");
  checkSize(source, input, format, facts, path, problems);
  if (Array.isArray(source["results"]) && source["results"].length > 0 && (format !== "bridge" || (input !== undefined && input !== "serial")))
    problems.add([...path, "results"], "only devices that speak bridge on a serial port send results", "leave results away, or write format: bridge", { key: true });
  if (givesPoints(facts, input)) checkPoints(source, format, path, problems);
  if (facts.sensorInfo === "needed" && source["sensor-info"] === undefined)
    problems.add(path, `an ${format} cannot be read without what it says of itself`, "write sensor-info: and the path of its metadata (JSON)", { key: true });
  if (facts.sensorInfo === undefined && format !== AUTO && source["sensor-info"] !== undefined)
    problems.add([...path, "sensor-info"], `${format} needs no file of the sensor's`, "leave sensor-info away", { key: true });
}

function givesPoints(facts: FormatFacts, input: InputKind | undefined): boolean {
  return facts.gives === "points" || (facts.gives === undefined && input === "udp");
}

function checkInput(input: InputKind, format: string, facts: FormatFacts, path: Path, problems: Problems): void {
  if (facts.inputs.includes(input)) return;
  const others = facts.inputs.map((kind) => BY[kind]).join(", ");
  const fitting = [...FORMAT_FACTS].filter(([, { inputs }]) => inputs.includes(input)).map(([name]) => name);
  problems.add([...path, "format"], `${format} comes ${others}, not ${BY[input]}`, `choose another input, or one of ${fitting.join(", ")}`);
}

function checkBaud(serial: Source, format: string, facts: FormatFacts, path: Path, problems: Problems): void {
  if (serial["baud"] !== undefined || facts.baudRate !== undefined) return;
  const what = format === AUTO ? "auto does not tell how fast the port is" : `${format} has no usual rate`;
  problems.add([...path, "serial"], `missing key "baud": ${what}`, "write baud: and the sensor's bits a second", { key: true });
}

function checkSize(source: Source, input: InputKind | undefined, format: string, facts: FormatFacts, path: Path, problems: Problems): void {
  const { size } = source;
  const at = [...path, "size"];
  if (typeof size !== "string") {
    if (facts.sizeless && (input === "serial" || input === "udp"))
      problems.add(path, `missing key "size": ${format} does not tell the sensor's size`, "write size: WIDTHxHEIGHT", { key: true });
    return;
  }
  if (problems.has(at)) return;
  const [width, height] = size.split("x").map(Number) as [number, number];
  if (Math.max(width, height) > 65_535) problems.add(at, `${JSON.stringify(size)} is more than 65535 pixels to a side`, "write the sensor's size");
  if (facts.size !== undefined && (facts.size.width !== width || facts.size.height !== height))
    problems.add(at, `a sensor that speaks ${format} has ${facts.size.width}x${facts.size.height} pixels`, "leave size away");
}

/** What only events have. */
function checkPoints(source: Source, format: string, path: Path, problems: Problems): void {
  const gives = format === AUTO ? "sensors found by UDP give points" : `${format} gives points`;
  if (Array.isArray(source["models"]) && source["models"].length > 0)
    problems.add([...path, "models"], `${gives}, which models of events do not read`, "leave models away: points are decoded, counted and recorded", { key: true });
  for (const key of ["size", "denoise"])
    if (source[key] !== undefined) problems.add([...path, key], `${gives}; ${key} is for events`, `leave ${key} away`, { key: true });
}

function checkAddresses(udp: Source, path: Path, problems: Problems): void {
  for (const key of ["address", "from", "group"]) {
    const value = udp[key];
    if (typeof value !== "string" || problems.has([...path, key])) continue;
    const family = isIP(value);
    if (family === 0) problems.add([...path, key], `${JSON.stringify(value)} is no IP address`, "write numbers, such as 192.168.1.201; names are not looked up");
    else if (key === "group" && !isMulticast(value))
      problems.add([...path, key], `${value} is no multicast address`, "write one from 224.0.0.0 to 239.255.255.255, or from ff00:: on; or leave group away");
    else if (key !== "address" && typeof udp["address"] === "string" && isIP(udp["address"]) === 10 - family)
      problems.add([...path, key], `${value} and the address ${udp["address"]} are of two kinds of IP`, `write address: "${family === 6 ? "::" : "0.0.0.0"}"`);
  }
}

function isMulticast(address: string): boolean {
  return isIP(address) === 6 ? /^ff/i.test(address) : /^2(2[4-9]|3\d)\./.test(address);
}
