import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt, { type IPublishPacket, type MqttClient } from "mqtt";

/** Where Debian puts it; not on every PATH. */
const MOSQUITTO = "/usr/sbin/mosquitto";
const PATIENCE_MILLIS = 60_000;

export interface Mosquitto {
  readonly url: string;
  readonly port: number;
  /** kill -9 */
  kill(): Promise<void>;
}

/** A real Mosquitto on loopback, with nothing kept on disk. @param lines  more of its configuration */
export async function startMosquitto(port: number, lines: readonly string[] = ["allow_anonymous true"]): Promise<Mosquitto> {
  const folder = mkdtempSync(join(tmpdir(), "saccade-mosquitto-"));
  const config = join(folder, "mosquitto.conf");
  writeFileSync(config, [`listener ${port} 127.0.0.1`, "persistence false", "user root", ...lines, ""].join("\n"));
  const child = spawn(MOSQUITTO, ["-c", config], { stdio: "ignore" });
  const kill = (): Promise<void> => endChild(child).then(() => rmSync(folder, { recursive: true, force: true }));
  await listening(port, child);
  return { url: `mqtt://127.0.0.1:${port}`, port, kill };
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + PATIENCE_MILLIS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
    if (await reachable(port)) return;
    await sleep(20);
  }
  throw new Error("mosquitto does not listen");
}

function reachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve((socket.destroy(), true)));
    socket.once("error", () => resolve(false));
  });
}

export interface Subscriber {
  readonly packets: readonly IPublishPacket[];
  /** Packets of one topic, in order. */
  on(topic: string): IPublishPacket[];
  texts(topic: string): string[];
  /** Resolves when the condition holds; rejects after 15 s. */
  until(what: string, holds: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Listens to everything below saccade/, with MQTT 5 unless told otherwise. It comes back by itself when the broker does. */
export async function subscribe(url: string, protocolVersion: 4 | 5 = 5): Promise<Subscriber> {
  const client: MqttClient = mqtt.connect(url, { protocolVersion, reconnectPeriod: 50, clientId: `test-${process.pid}-${Math.random()}` });
  const packets: IPublishPacket[] = [];
  client.on("error", () => undefined);
  client.on("message", (_topic, _payload, packet) => packets.push(packet));
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  await client.subscribeAsync("saccade/#", { qos: 1 });
  const on = (topic: string): IPublishPacket[] => packets.filter((packet) => packet.topic === topic);
  return {
    packets,
    on,
    texts: (topic) => on(topic).map((packet) => packet.payload.toString()),
    until: (what, holds) => until(what, holds),
    close: () => client.endAsync(true),
  };
}

/** @param what  what is waited for; a function tells more when it was in vain */
export async function until(what: string | (() => string), holds: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MILLIS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for: ${typeof what === "string" ? what : what()}`);
    await sleep(10);
  }
}
