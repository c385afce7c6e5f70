import { inFolder, RawWriter } from "../capture/writer.js";
import type { SourceConfig } from "../config/config.js";
import { lineOf } from "../errors.js";
import type { Chunk } from "../sources/connection.js";
import type { Counters } from "./counters.js";

/** Keeps a live source's chunks as they came, in the folder of its configuration; `saccade replay` reads them. */
export class Recorder {
  #writer: RawWriter | undefined;
  #format: string | undefined;
  #settle: () => void = () => undefined;

  /** @param sensorInfo  what the sensor says of itself, kept with the bytes   @param warn  hears that the folder cannot be written to */
  constructor(
    readonly source: string, readonly config: SourceConfig, readonly sensorInfo: string | undefined, readonly counters: Counters,
    readonly warn: (what: string) => void,
  ) {}

  /** A connection begins, whose chunks are of this format. */
  async connection(format: string): Promise<void> {
    const { record } = this.config;
    if (record === undefined) return;
    if (format !== this.#format) {
      await this.close();
      const writer = this.#make(record, format);
      this.#writer = writer;
      this.#settle = this.counters.follow(() => writer.drops);
      this.#format = format;
      // It goes on trying: a full disk must not stop a sensor.
      await writer.begin().catch((error: unknown) => this.warn(lineOf(error)));
    }
    this.#writer!.connection();
  }

  write(chunk: Chunk): void {
    this.#writer?.write(chunk);
  }

  async close(): Promise<void> {
    await this.#writer?.close();
    this.#writer = undefined;
    this.#format = undefined;
    this.#settle();
  }

  #make(folder: string, format: string): RawWriter {
    const { source, sensorInfo, config: { input, size } } = this;
    const baud = input.kind === "serial" ? input.baudRate : undefined;
    return new RawWriter({ path: inFolder(folder, source), header: { source, transport: input.kind, format, baud, size, sensorInfo } });
  }
}
