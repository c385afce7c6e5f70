import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { SaccadeError } from "../errors.js";

/**
 * A file that appears only when it is complete: it is written beside its place under another name, then renamed.
 * @throws SaccadeError FILE_UNWRITABLE from every method but abandon
 */
export class FileSink {
  length = 0;
  private constructor(
    readonly path: string,
    readonly partial: string,
    readonly file: FileHandle,
  ) {}

  static async create(path: string): Promise<FileSink> {
    const partial = `${path}.${process.pid}.partial`;
    return new FileSink(path, partial, await open(partial, "wx").catch((cause: unknown) => refuse(path, cause)));
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#put(bytes, this.length);
    this.length += bytes.length;
  }

  /** Replaces bytes already written. */
  async patch(at: number, bytes: Uint8Array): Promise<void> {
    await this.#put(bytes, at);
  }

  async commit(): Promise<void> {
    await this.file.close().catch((cause: unknown) => refuse(this.path, cause));
    await rename(this.partial, this.path).catch((cause: unknown) => refuse(this.path, cause));
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await this.file.close().catch(() => undefined);
    await unlink(this.partial).catch(() => undefined);
  }

  async #put(bytes: Uint8Array, at: number): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await this.file
        .write(bytes, written, bytes.length - written, at + written)
        .catch((cause: unknown) => refuse(this.path, cause));
      written += bytesWritten;
    }
  }
}

/** Writes one file through a sink: it appears when `fill` ends, and not at all when it throws. */
export async function writeFileWhole(path: string, fill: (sink: FileSink) => Promise<void>): Promise<void> {
  const sink = await FileSink.create(path);
  try {
    await fill(sink);
    await sink.commit();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

/** @throws SaccadeError FILE_UNWRITABLE */
export function refuse(path: string, cause: unknown): never {
  throw new SaccadeError(
    "FILE_UNWRITABLE",
    `${path} cannot be written: ${(cause as NodeJS.ErrnoException).code ?? cause}`,
    "check that its folder exists, may be written and has room",
    { cause },
  );
}
