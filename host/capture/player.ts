import { access } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SaccadeError } from "../errors.js";
import { type Chunk, type Connection, type Device, monotonicMicros } from "../sources/connection.js";
import type { Drops } from "../types.js";
import { readRawChunks, readRawHeader, type RawChunk } from "./reader.js";

export interface FileDeviceOptions {
  /** A raw recording. */
  readonly path: string;
  /** "real": chunks come at the pace at which they were recorded; "max": as fast as they are taken. */
  readonly speed: "real" | "max";
}

/**
 * A raw recording as a source: a connection for each that was recorded. Chunks keep their distances in time; by "real" the first comes
 * now, by "max" they have the times at which they were recorded. After the last connection the device is absent.
 * Nothing is dropped: the file waits for its reader.
 */
export function fileDevice({ path, speed }: FileDeviceOptions): Device {
  let playing: Playing | undefined;
  return {
    name: path,
    isPresent: async () => playing?.over !== true && (await access(path).then(() => true, () => false)),
    async open() {
      if (playing === undefined) {
        const header = await readRawHeader(path);
        if (header === undefined)
          throw new SaccadeError("RECORDING_UNSUPPORTED", `${path} is no raw recording`, "saccade record makes such; saccade replay plays others");
        playing = new Playing(path, speed);
      }
      return playing.next();
    },
  };
}

/** Where a recording is being played. */
class Playing {
  readonly #drops: Drops = {};
  readonly #chunks: AsyncGenerator<RawChunk>;
  readonly #speed: "real" | "max";
  /** From the recording's clock to this machine's. */
  #shift: number | undefined;
  /** The chunk that comes next, copied, for reading on would overwrite it. */
  #coming: RawChunk | undefined;
  #started = false;

  constructor(path: string, speed: "real" | "max") {
    this.#chunks = readRawChunks(path, this.#drops);
    this.#speed = speed;
  }

  /** Whether nothing is left. */
  get over(): boolean {
    return this.#started && this.#coming === undefined;
  }

  async next(): Promise<Connection> {
    if (!this.#started) await this.#advance();
    this.#started = true;
    const stop = new AbortController();
    let end: (reason: string) => void = () => undefined;
    const ended = new Promise<string>((resolve) => (end = resolve));
    const chunks = this.#connection(stop.signal, end);
    return {
      chunks,
      ended,
      drops: this.#drops,
      write: () => Promise.resolve(false),
      close: async () => {
        stop.abort();
        end("closed");
      },
    };
  }

  async *#connection(signal: AbortSignal, end: (reason: string) => void): AsyncGenerator<Chunk> {
    for (let first = true; this.#coming !== undefined && !signal.aborted; first = false) {
      const { bytes, at, begins } = this.#coming;
      if (begins && !first) break;
      yield { bytes, at: await this.#wait(at, signal) };
      await this.#advance();
    }
    end(this.#coming === undefined ? "the recording is over" : "the connection was over");
  }

  /** @returns when the chunk is said to have come */
  async #wait(at: number, signal: AbortSignal): Promise<number> {
    if (this.#speed === "max") return at;
    this.#shift ??= monotonicMicros() - at;
    const due = at + this.#shift, millis = (due - monotonicMicros()) / 1000;
    if (millis >= 1) await sleep(millis, undefined, { signal }).catch(() => undefined);
    return due;
  }

  async #advance(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    this.#coming = done ? undefined : { ...value, bytes: value.bytes.slice() };
  }
}
