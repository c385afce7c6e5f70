import { Worker } from "node:worker_threads";
import { ModelError } from "../errors.js";
import type { H5Group, H5Reply } from "./hdf5-tree.js";

/** A hostile file can make the library loop for ever. 100 MB of weights read in 1.7 s on 2 cores; a start takes 0.2 s. */
const START_TIMEOUT_MS = 10_000;
const BYTES_A_MS = 3000;
const HDF5_MAGIC = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] as const;
const ZIP_MAGIC = [0x50, 0x4b, 0x03, 0x04] as const;

export function isHdf5(bytes: Uint8Array): boolean {
  return startsWith(bytes, HDF5_MAGIC);
}

/**
 * Reads a whole HDF5 file: every filter and layout that the HDF5 library knows, in a worker, so that bytes that crash or
 * hang the library end in one error and leave the next read untouched.
 *
 * @param bytes  the file
 * @param name   what errors call it
 * @throws ModelError NETWORK_CORRUPT
 */
export async function readHdf5(bytes: Uint8Array, name: string, timeoutMs = START_TIMEOUT_MS + bytes.length / BYTES_A_MS): Promise<H5Group> {
  if (startsWith(bytes, ZIP_MAGIC)) {
    throw new ModelError(
      "NETWORK_CORRUPT",
      `${name} is a PyTorch zip archive, not HDF5`,
      "export the network with nir.write, or import the checkpoint's safetensors",
    );
  }
  if (!isHdf5(bytes))
    throw new ModelError(
      "NETWORK_CORRUPT",
      `${name} is not HDF5: its first 8 bytes are not the HDF5 signature`,
      "give a .nir or .net file",
    );
  const turn = queue.then(() => ask(bytes, name, timeoutMs));
  queue = turn.catch(() => undefined);
  return turn;
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** One file at a time, so that a timeout names the file that caused it. */
let queue: Promise<unknown> = Promise.resolve();
let worker: Worker | undefined;
let requests = 0;

async function ask(bytes: Uint8Array, name: string, timeoutMs: number): Promise<H5Group> {
  const { error, poisoned, tree } = await converse(++requests, bytes, timeoutMs);
  if (poisoned) await stopHdf5();
  if (tree !== undefined) return tree;
  throw new ModelError("NETWORK_CORRUPT", `${name} cannot be read as HDF5: ${error ?? "no reason given"}`, "copy or export the file again");
}

interface Outcome {
  readonly tree?: H5Group;
  readonly error?: string;
  readonly poisoned: boolean;
}

function converse(id: number, bytes: Uint8Array, timeoutMs: number): Promise<Outcome> {
  const asked = (worker ??= start());
  asked.ref();
  return new Promise<Outcome>((resolve) => {
    const finish = (outcome: Outcome): void => {
      clearTimeout(timer);
      asked.off("message", onMessage).off("error", onError).off("exit", onExit);
      asked.unref();
      resolve(outcome);
    };
    const onMessage = (reply: H5Reply): void => {
      if (reply.id === id) finish("tree" in reply ? { tree: reply.tree, poisoned: false } : reply);
    };
    const onError = (error: Error): void => finish({ error: error.message, poisoned: true });
    const onExit = (): void => finish({ error: "the HDF5 reader ended", poisoned: true });
    const timer = setTimeout(() => finish({ error: `not read within ${Math.round(timeoutMs)} ms`, poisoned: true }), timeoutMs);
    asked.on("message", onMessage).on("error", onError).on("exit", onExit);
    asked.postMessage({ id, bytes });
  });
}

function start(): Worker {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const started = new Worker(new URL(`./hdf5-worker.${extension}`, import.meta.url));
  started.on("error", () => undefined);
  started.unref();
  return started;
}

/** Ends the reader's worker; the next read starts another. */
export async function stopHdf5(): Promise<void> {
  const stopped = worker;
  worker = undefined;
  await stopped?.terminate();
}
