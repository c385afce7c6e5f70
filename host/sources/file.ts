import { open } from "node:fs/promises";
import { SaccadeError } from "../errors.js";

export const FILE_CHUNK_BYTES = 1 << 18;

/**
 * The bytes of a file, in chunks; a chunk is valid only until the next is asked for.
 * @param chunkBytes the longest chunk
 * @throws SaccadeError FILE_NOT_FOUND, FILE_UNREADABLE
 */
export async function* readFileChunks(path: string, chunkBytes = FILE_CHUNK_BYTES): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(chunkBytes);
  const file = await open(path, "r").catch((cause: unknown) => refuse(path, cause));
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, null).catch((cause: unknown) => refuse(path, cause));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function refuse(path: string, cause: unknown): never {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR")
    throw new SaccadeError("FILE_NOT_FOUND", `there is no file ${path}`, "check the path", { cause });
  const why = code === "EISDIR" ? "it is a folder" : code === "EACCES" || code === "EPERM" ? "it may not be read" : String(code ?? cause);
  throw new SaccadeError("FILE_UNREADABLE", `${path} cannot be read: ${why}`, "give a file that can be read", { cause });
}
