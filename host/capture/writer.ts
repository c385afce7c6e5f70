import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SaccadeError } from "../errors.js";
import { monotonicMicros, type Chunk } from "../sources/connection.js";
import type { Drops, Micros } from "../types.js";
import { Block } from "./block.js";
import { CHUNK_HEAD_BYTES, encodeHeader, MOST_BODY_BYTES, RAW_EXTENSION, type RawHeader } from "./layout.js";

export interface RawWriterOptions {
  /** The file of each part, 1, 2 …; `inFolder` and `besideFile` make such. */
  readonly path: (part: number) => string;
  readonly header: Omit<RawHeader, "clockStart" | "wallStart" | "part">;
  /** A file that is longer is followed by another. Default 256 MiB. */
  readonly fileBytes?: number;
  /** Bytes that may wait for a slow disk. Default 8 MiB. */
  readonly queueBytes?: number;
}

const FILE_BYTES = 256 << 20, QUEUE_BYTES = 8 << 20;
/** What was written is safe from a power cut after two of these at the latest, ms. */
const SETTLE_MILLIS = 1000;
/** After a disk has failed it is tried again so much later, ms. */
const RETRY_MILLIS = 5000;

/** Parts in a folder, which is made, by the source's name and the time at which each begins: cam0-20261122T095012.345Z.saccade-raw */
export function inFolder(folder: string, source: string): (part: number) => string {
  return () => join(folder, `${source}-${new Date().toISOString().replaceAll(/[-:]/g, "")}${RAW_EXTENSION}`);
}

/** The file itself, then its name with -2, -3 … before the extension. */
export function besideFile(file: string): (part: number) => string {
  return (part) => (part === 1 ? file : file.replace(/(\.[^./\\]*)?$/, `-${part}$1`));
}

/**
 * Writes a source's chunks to a raw recording (layout.ts). Nobody waits for the disk: what it does not take in time is dropped and counted,
 * in bytes, as `record_queue_full`, what it refuses as `record_failed`; then it is tried again with another file every five seconds.
 */
export class RawWriter {
  readonly drops: Drops = {};
  /** What the disk has taken. */
  chunks = 0;
  bytes = 0;
  readonly files: string[] = [];
  /** From the first chunk to the latest. */
  micros: Micros = 0;
  #firstAt: Micros | undefined;
  readonly #header: Omit<RawHeader, "part">;
  readonly #queue: Block[] = [];
  #queued = 0;
  #block: Block | undefined;
  #begins = true;
  #timer: NodeJS.Timeout | undefined;
  #draining: Promise<void> | undefined;
  #file: FileHandle | undefined;
  #fileBytes = 0;
  #settledAt = 0;
  #part = 0;
  #retryAt = 0;

  constructor(readonly options: RawWriterOptions) {
    this.#header = { ...options.header, clockStart: monotonicMicros(), wallStart: Date.now() * 1000 };
  }

  /** Opens the first file now. @throws SaccadeError FILE_UNWRITABLE; the writer goes on trying all the same */
  async begin(): Promise<void> {
    try {
      await this.#openFile();
    } catch (cause) {
      await this.#closeFile();
      const { path } = this.options;
      throw new SaccadeError("FILE_UNWRITABLE", `${path(1)} cannot be written: ${(cause as Error).message}`, "record to a place that can be written", { cause });
    }
  }

  /** A new connection to the source begins: decoders begin anew with its first chunk. */
  connection(): void {
    this.#close();
    this.#begins = true;
  }

  /** Takes a copy of a chunk; `at` as monotonicMicros() tells it. */
  write(chunk: Chunk): void {
    const time = Math.max(0, chunk.at - this.#header.clockStart);
    if (chunk.bytes.length > MOST_BODY_BYTES - CHUNK_HEAD_BYTES) return this.#drop("record_too_long", chunk.bytes.length);
    this.#firstAt ??= chunk.at;
    this.micros = Math.max(0, chunk.at - this.#firstAt);
    if (this.#block !== undefined && !this.#block.fits(chunk.bytes, time)) this.#close();
    this.#block ??= this.#beginBlock(time);
    this.#block.add(chunk, time);
    if (this.#block.isFull) this.#close();
  }

  /** Writes what waits, and closes the file. */
  async close(): Promise<void> {
    this.#close();
    await this.#draining;
    await this.#closeFile();
  }

  #beginBlock(time: Micros): Block {
    this.#timer = setTimeout(() => this.#close(), SETTLE_MILLIS).unref();
    const block = new Block(time, this.#begins);
    this.#begins = false;
    return block;
  }

  #close(): void {
    clearTimeout(this.#timer);
    const block = this.#block;
    this.#block = undefined;
    if (block === undefined) return;
    if (this.#queued + block.payloadBytes > (this.options.queueBytes ?? QUEUE_BYTES)) return this.#lose(block, "record_queue_full");
    this.#queue.push(block);
    this.#queued += block.payloadBytes;
    this.#draining ??= this.#drain().finally(() => (this.#draining = undefined));
  }

  async #drain(): Promise<void> {
    for (let block = this.#queue[0]; block !== undefined; block = this.#queue[0]) {
      try {
        await this.#put(block);
      } catch {
        this.#retryAt = performance.now() + RETRY_MILLIS;
        await this.#closeFile();
        this.#lose(block, "record_failed");
      }
      this.#queue.shift();
      this.#queued -= block.payloadBytes;
    }
  }

  async #put(block: Block): Promise<void> {
    if (this.#file === undefined && performance.now() < this.#retryAt) return this.#lose(block, "record_failed");
    const file = this.#file ?? (await this.#openFile());
    const encoded = block.encode();
    await file.appendFile(encoded);
    this.chunks += block.chunks;
    this.bytes += block.payloadBytes;
    this.#fileBytes += encoded.length;
    if (performance.now() - this.#settledAt >= SETTLE_MILLIS) {
      await file.datasync();
      this.#settledAt = performance.now();
    }
    if (this.#fileBytes >= (this.options.fileBytes ?? FILE_BYTES)) await this.#closeFile();
  }

  async #openFile(): Promise<FileHandle> {
    const part = this.#part + 1, path = this.options.path(part);
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "w");
    this.#file = file;
    this.#part = part;
    const head = encodeHeader({ ...this.#header, part });
    await file.appendFile(head);
    this.#fileBytes = head.length;
    this.files.push(path);
    return file;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.datasync().catch(() => undefined);
    await file?.close().catch(() => undefined);
  }

  #lose(block: Block, reason: "record_queue_full" | "record_failed"): void {
    this.#begins ||= block.begins;
    this.#drop(reason, block.payloadBytes);
  }

  #drop(reason: "record_queue_full" | "record_failed" | "record_too_long", bytes: number): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + bytes;
  }
}
