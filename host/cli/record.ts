import { type Command, Option } from "commander";
import { besideFile, RawWriter } from "../capture/writer.js";
import { AUTO } from "../config/format-facts.js";
import { LiveBridge } from "../decoders/bridge-live.js";
import { liveFormats, type Transport } from "../decoders/live.js";
import { probeFormat } from "../decoders/probe.js";
import { SaccadeError } from "../errors.js";
import { EVENTS_OF_A_BRIDGE } from "../gateway/hearing.js";
import { Talk } from "../gateway/talk.js";
import { sensorControl } from "../sensors/sensors.js";
import type { Connection, Device } from "../sources/connection.js";
import { readInputFile } from "../sources/input-file.js";
import { peek } from "../sources/probe.js";
import { serialDevice } from "../sources/serial.js";
import { supervise } from "../sources/supervise.js";
import { addDrops } from "../tally.js";
import type { Drops, SensorSize } from "../types.js";
import { parseSize, parseWhole } from "./parse.js";
import { dropsText, seconds, whole } from "./text.js";

interface RecordOptions {
  readonly out: string;
  readonly serial?: string;
  readonly baud?: number;
  readonly udp?: string;
  readonly from?: string;
  readonly group?: string;
  readonly mqtt?: string;
  readonly topic?: string;
  readonly format: string;
  readonly size?: SensorSize;
  readonly sensorInfo?: string;
  readonly duration?: number;
  readonly json?: boolean;
}

/** What is recorded from, and what is known of it. */
interface Source {
  readonly device: Device;
  readonly transport: Transport;
  /** The local port of datagrams. */
  readonly port?: number;
}

const HELP = `
The file (.saccade-raw) holds every chunk with the time at which it came: decode, replay, convert and frames read it, and get what a
gateway would have got. It is cut every 256 MiB. Ctrl-C ends it well; a source that goes away is waited for.`;

/** `saccade record`: what a source sends, byte for byte, with its times. */
export function addRecord(program: Command): void {
  program
    .command("record")
    .description("record what a sensor sends, byte for byte, with its times")
    .requiredOption("-o, --out <file>", "the file to write, .saccade-raw")
    .addOption(new Option("--serial <port>", "a port: its path, its id, or usb:VID:PID[:SERIAL]").conflicts(["udp", "mqtt"]))
    .option("--baud <n>", "its rate, bits a second", parseWhole(1, 50_000_000))
    .addOption(new Option("--udp <address:port>", "datagrams to this port: 0.0.0.0:2368, or the port alone").conflicts(["mqtt"]))
    .option("--from <address>", "datagrams of this sender only")
    .option("--group <address>", "of this multicast group")
    .option("--mqtt <url>", "messages of this broker")
    .option("--topic <topic>", "in this topic")
    .option("--format <format>", "what is sent, as decode --as names it; auto: as its first bytes show", AUTO)
    .option("--size <WxH>", "the sensor's size, when its bytes do not say it", parseSize)
    .option("--sensor-info <file>", "what the LiDAR says of itself, kept in the recording")
    .option("--duration <time>", "how long, such as 500ms, 10s, 5m or 2h", parseDuration)
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action(record);
}

/** 500ms, 10s, 5m, 2h → ms */
function parseDuration(text: string): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const millis = Number(amount) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit] ?? NaN);
  if (!(millis >= 1 && millis < 2 ** 31)) throw new SaccadeError("USAGE", `${JSON.stringify(text)} is no duration`, "write 500ms, 10s, 5m or 2h");
  return millis;
}

async function record(options: RecordOptions): Promise<void> {
  const source = await sourceOf(options);
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once("SIGINT", end).once("SIGTERM", end);
  const timer = options.duration === undefined ? undefined : setTimeout(end, options.duration);
  const drops: Drops = {};
  let recording: Recording | undefined;
  try {
    for await (const connection of supervise(source.device, { signal: stop.signal, onState: (state, why) => say(options, state, why) }))
      recording = await recordConnection(connection, source, options, drops, recording);
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", end).off("SIGTERM", end);
    await recording?.writer.close();
  }
  if (recording === undefined || recording.writer.chunks === 0)
    throw new SaccadeError("RECORDING_EMPTY", `${source.device.name} sent nothing`, "check that the sensor runs, and the baud rate, port or topic");
  report(options, recording, drops);
}

interface Recording {
  readonly writer: RawWriter;
  readonly format: string | undefined;
}

/** @returns the recording, which the first connection that says anything begins */
async function recordConnection(live: Connection, source: Source, options: RecordOptions, drops: Drops, begun?: Recording): Promise<Recording | undefined> {
  const named = options.format === AUTO ? begun?.format : options.format;
  const { first, connection } = named === undefined && begun === undefined ? await peek(live) : { first: [], connection: live };
  const { talk, bridge } = talkWith(connection, named, source, options);
  let recording = begun, fresh = true;
  try {
    talk.begin();
    for await (const chunk of connection.chunks) {
      for (const events of bridge?.push(chunk.bytes) ?? []) void events;
      talk.hear(chunk);
      if (talk.foreign) continue;
      recording ??= await begin(first.map(({ bytes }) => bytes), source, options);
      if (fresh) recording.writer.connection();
      fresh = false;
      recording.writer.write(chunk);
    }
  } finally {
    talk.close();
  }
  addDrops(drops, live.drops);
  return recording;
}

/** A sensor whose format is named is told to stream; a bridge is answered. */
function talkWith(connection: Connection, format: string | undefined, { transport }: Source, options: RecordOptions): { talk: Talk; bridge: LiveBridge | undefined } {
  const serial = transport === "serial" && format !== undefined;
  const bridge = serial && format === "bridge" ? new LiveBridge(EVENTS_OF_A_BRIDGE) : undefined;
  const poll = bridge && ((now: number): Uint8Array[] => bridge.control.poll(now));
  return { bridge, talk: new Talk(connection, { control: serial ? sensorControl(format) : undefined, poll, tell: (what) => say(options, "sensor", what) }) };
}

async function begin(first: readonly Uint8Array[], { device, transport, port }: Source, options: RecordOptions): Promise<Recording> {
  const { baud, size } = options;
  const sensorInfo = options.sensorInfo === undefined ? undefined : Buffer.from(await readInputFile(options.sensorInfo)).toString("utf8");
  const format = options.format === AUTO ? shown(first, transport, device.name, { baud, sensorInfo, ...(port === undefined ? {} : { port }) }) : options.format;
  const header = { source: device.name, transport, format, baud, size, sensorInfo };
  const writer = new RawWriter({ path: besideFile(options.out), header });
  await writer.begin();
  return { writer, format };
}

/** A recording of a format that does not show itself is made all the same: it is named when the recording is read. */
function shown(first: readonly Uint8Array[], transport: Transport, name: string, options: Parameters<typeof probeFormat>[3]): string | undefined {
  try {
    return probeFormat(first, transport, name, options);
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    process.stderr.write(`${error.line}; it is recorded without a name: decode it with --as\n`);
    return undefined;
  }
}

/** @throws SaccadeError USAGE, CONFIG_INVALID, FORMAT_UNKNOWN */
async function sourceOf(options: RecordOptions): Promise<Source> {
  const source = await openable(options);
  const known = liveFormats(source.transport);
  if (options.format !== AUTO && !known.includes(options.format))
    throw new SaccadeError("FORMAT_UNKNOWN", `"${options.format}" does not come by ${source.transport}`, `choose one of ${known.join(" ")}`);
  return source;
}

async function openable({ serial, baud, udp, from, group, mqtt, topic }: RecordOptions): Promise<Source> {
  if (serial !== undefined) {
    if (baud === undefined) throw new SaccadeError("USAGE", "a serial port needs its rate", "write --baud, such as --baud 230400");
    return { device: serialDevice({ port: serial, baudRate: baud }), transport: "serial" };
  }
  if (udp !== undefined) {
    const [, bracketed, plain, digits = ""] = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d{1,5})$/.exec(udp) ?? [];
    const port = Number(digits);
    const { udpDevice } = await import("../sources/udp.js");
    return { device: udpDevice({ address: bracketed ?? plain ?? "0.0.0.0", port, from, group }), transport: "udp", port };
  }
  if (mqtt === undefined || topic === undefined)
    throw new SaccadeError("USAGE", "it is not said what to record", "write --serial PORT --baud N, --udp ADDRESS:PORT, or --mqtt URL --topic TOPIC");
  const { mqttDevice } = await import("../sources/mqtt.js");
  const { username, password } = new URL(mqtt);
  return { device: mqttDevice({ url: mqtt, topic, username: username ? decodeURIComponent(username) : undefined, password: password ? decodeURIComponent(password) : undefined }), transport: "mqtt" };
}

function say({ json }: RecordOptions, state: string, why: string): void {
  if (!json) process.stderr.write(`${state}: ${why}\n`);
}

function report({ json, out }: RecordOptions, { writer, format }: Recording, drops: Drops): void {
  const { chunks, bytes, files, micros } = writer;
  const dropped = { ...drops, ...writer.drops };
  const result = { files, format: format ?? null, chunks, bytes, duration_us: micros, dropped };
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    const more = files.length > 1 ? ` and ${files.length - 1} more` : "";
    process.stdout.write(`${out}${more}: ${format ?? "of no known format"}, ${whole(bytes)} bytes in ${whole(chunks)} chunks, ${seconds(micros)}; ${dropsText(dropped)}\n`);
  }
}
