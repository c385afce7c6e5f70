import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startDemoBroker } from "../../host/demo-broker/broker.js";
import type { Told } from "./protocol.js";

/** One process of the bench. */
export interface Child {
  readonly process: ChildProcess;
  /** Gives it orders; resolves when it says that it is ready, with what it says of its port. */
  order(orders: object | string): Promise<number>;
  /** What it has found at the end. @throws when it ends without */
  readonly done: Promise<unknown>;
}

/** @param name a file beside this one */
export function start(name: string): Child {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const child = fork(new URL(`./${name}.${extension}`, import.meta.url));
  let ready: ((port: number) => void) | undefined;
  const done = new Promise<unknown>((resolve, reject) => {
    child.on("message", (told: Told) => ("done" in told ? resolve(told.done) : ready?.(told.ready ?? 0)));
    child.once("exit", code => reject(new Error(`the ${name} ended with ${code}`)));
  });
  done.catch(() => undefined);
  return {
    process: child,
    done,
    order: orders => {
      const answer = new Promise<number>(resolve => (ready = resolve));
      child.send(orders);
      return Promise.race([answer, done.then(() => 0)]);
    },
  };
}

export interface Broker {
  readonly name: string;
  readonly url: string;
  close(): Promise<void>;
}

const MOSQUITTO = "/usr/sbin/mosquitto";
const PATIENCE_MILLIS = 5000;

/** Mosquitto where it is installed, else the demo's broker. */
export async function startBroker(): Promise<Broker> {
  if (existsSync(MOSQUITTO)) return startMosquitto();
  const broker = await startDemoBroker(0);
  return { name: "the demo's broker", url: broker.url, close: () => broker.close() };
}

async function startMosquitto(): Promise<Broker> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "saccade-latency-"));
  const config = join(folder, "mosquitto.conf");
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n`);
  const child = spawn(MOSQUITTO, ["-c", config], { stdio: "ignore" });
  const deadline = performance.now() + PATIENCE_MILLIS;
  while (!(await reachable(port))) {
    if (performance.now() > deadline) throw new Error("mosquitto does not listen");
    await sleep(20);
  }
  return {
    name: "Mosquitto",
    url: `mqtt://127.0.0.1:${port}`,
    async close() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function reachable(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve((socket.destroy(), true)));
    socket.once("error", () => resolve(false));
  });
}
