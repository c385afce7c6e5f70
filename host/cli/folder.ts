import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { SaccadeError } from "../errors.js";

/** Makes a folder, also its parents, unless something is there. @throws SaccadeError FILE_UNWRITABLE */
export async function makeFolder(path: string): Promise<void> {
  await make(path).catch((cause: NodeJS.ErrnoException) => {
    throw new SaccadeError("FILE_UNWRITABLE", `${path} cannot be made: ${cause.code}`, "name a folder that may be written", { cause });
  });
}

/** Not mkdir's own recursion, which never returns for a path below /proc. */
async function make(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    await make(dirname(path));
    await mkdir(path);
  }
}
