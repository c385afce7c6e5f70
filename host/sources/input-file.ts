import { readFile, stat } from "node:fs/promises";
import { SaccadeError } from "../errors.js";

/** Reads a whole file that a user named. @throws FILE_NOT_FOUND, FILE_UNREADABLE */
export async function readInputFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** @throws FILE_NOT_FOUND, FILE_UNREADABLE when there is no file of that name */
export async function checkInputFile(path: string): Promise<void> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new SaccadeError("FILE_UNREADABLE", `${path} is not a file`, "name a file");
  } catch (error) {
    throw error instanceof SaccadeError ? error : unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): SaccadeError {
  const { code = "unknown error" } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR")
    return new SaccadeError("FILE_NOT_FOUND", `there is no file ${path}`, "check the path", { cause });
  if (code === "EISDIR") return new SaccadeError("FILE_UNREADABLE", `${path} is a folder`, "name a file", { cause });
  return new SaccadeError("FILE_UNREADABLE", `${path} cannot be read (${code})`, "check its permissions", { cause });
}
