import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf, fail, type Finding, ok, warn } from "./finding.js";

const MIB = 1 << 20;

/** Whether a folder is there or can be made, may be written to, and has room. @param leastMib  free space below which it is told */
export async function checkFolder(check: string, folder: string, leastMib: number): Promise<Finding> {
  const there = await nearestFolder(folder);
  if (there === undefined) return fail(check, `${folder} cannot be made: something on the way is no folder`, "name another folder");
  try {
    await access(there, constants.W_OK | constants.X_OK);
  } catch (error) {
    const what = there === folder ? `${folder} may not be written to` : `${folder} is not there, and ${there} may not be written to`;
    return fail(check, `${what} (${codeOf(error)})`, `run: sudo install -d -o $USER ${folder}`);
  }
  const { bavail, bsize } = await statfs(there);
  const mib = Math.floor((bavail * bsize) / MIB);
  const what = `${folder} ${there === folder ? "may be written to" : "can be made"}, ${mib.toLocaleString("en-US")} MiB free`;
  return mib >= leastMib ? ok(check, what) : warn(check, what, "make room, or name a folder on another disk");
}

/** The folder, or the nearest above it that there is; undefined when that is no folder. */
async function nearestFolder(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at).catch((error: NodeJS.ErrnoException) => (error.code === "ENOTDIR" ? "no folder" : undefined));
    if (found === "no folder") return undefined;
    if (found !== undefined) return found.isDirectory() ? at : undefined;
  }
}
