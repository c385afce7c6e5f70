import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { SaccadeError } from "../errors.js";

/** One more than the starts that a folder knows of is where a lost count goes on: seconds since 1970 are more than any count. */
const MOST = 2 ** 32 - 1;

/**
 * Counts a start of the gateway: receivers tell messages of different starts apart by it. Kept so that a cut of the power leaves the old
 * count or the new one; a count that cannot be read goes on from the seconds since 1970.
 * @returns 0 .. 2^32 − 1
 * @throws SaccadeError FILE_UNWRITABLE
 */
export async function countStart(folder: string): Promise<number> {
  const path = join(folder, "starts");
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? "-1" : ""));
  const known = /^-?\d{1,10}\s*$/.test(text) ? Number(text) : Math.floor(Date.now() / 1000);
  const start = known >= MOST ? 0 : known + 1;
  try {
    await mkdir(folder, { recursive: true });
    await writeWhole(folder, path, `${start}\n`);
  } catch (cause) {
    const remedy = "make it writable for this user, or name another one as state-folder";
    throw new SaccadeError("FILE_UNWRITABLE", `the count of starts cannot be written to ${folder}`, remedy, { cause });
  }
  return start;
}

/** Beside the old file, to the disk, then in its place. */
async function writeWhole(folder: string, path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, "w", 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  const entries = await open(folder, "r");
  await entries.sync().finally(() => entries.close());
}
