import { readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Roots } from "./finding.js";

/** A process that has a port open. */
export interface Holder {
  readonly pid: number;
  /** "ModemManager"; "?" when it is gone or hidden. */
  readonly command: string;
}

/**
 * Who has a port open, as far as this user may see: open files of processes, locks of the kernel, lock files. Starts and opens nothing.
 * @param port  its path
 */
export async function holdersOf(port: string, { proc, run }: Pick<Roots, "proc" | "run">): Promise<Holder[]> {
  const path = await realpath(port).catch(() => port);
  const found = new Set([...(await withOpenFile(path, proc)), ...(await withLock(path, proc)), ...(await withLockFile(path, run))]);
  found.delete(process.pid);
  return Promise.all([...found].sort((a, b) => a - b).map(async (pid) => ({ pid, command: await commandOf(pid, proc) })));
}

/** Processes of this name. */
export async function processesNamed(command: string, { proc }: Pick<Roots, "proc">): Promise<number[]> {
  const named = await Promise.all((await pids(proc)).map(async (pid) => ((await commandOf(pid, proc)) === command ? pid : undefined)));
  return named.filter((pid) => pid !== undefined);
}

async function withOpenFile(path: string, proc: string): Promise<number[]> {
  const holding = await Promise.all((await pids(proc)).map(async (pid) => {
    const folder = join(proc, String(pid), "fd");
    const files = await readdir(folder).catch(() => []);
    const targets = await Promise.all(files.map((file) => readlink(join(folder, file)).catch(() => "")));
    return targets.includes(path) ? pid : undefined;
  }));
  return holding.filter((pid) => pid !== undefined);
}

/** Lines of /proc/locks: "1: FLOCK ADVISORY WRITE 612 00:05:423 0 EOF": process, then the file's device, hexadecimal, and inode. */
async function withLock(path: string, proc: string): Promise<number[]> {
  const file = await stat(path).then(({ dev, ino }) => `${hexDevice(dev)}:${ino}`, () => undefined);
  const lines = await readFile(join(proc, "locks"), "utf8").then((text) => text.split("\n"), () => []);
  return lines.flatMap((line) => {
    const [, pid, locked] = /\s(\d+) ([\da-f]+:[\da-f]+:\d+) /.exec(line) ?? [];
    return pid !== undefined && locked === file ? [Number(pid)] : [];
  });
}

/** Major and minor number of a device, as the kernel packs them into one, and as it prints them. */
function hexDevice(device: number): string {
  const major = (device >>> 8) & 0xfff, minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  return [major, minor].map((part) => part.toString(16).padStart(2, "0")).join(":");
}

async function withLockFile(path: string, run: string): Promise<number[]> {
  const text = await readFile(join(run, "lock", `LCK..${basename(path)}`), "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return pid > 0 ? [pid] : [];
}

async function commandOf(pid: number, proc: string): Promise<string> {
  return readFile(join(proc, String(pid), "comm"), "utf8").then((text) => text.trim(), () => "?");
}

async function pids(proc: string): Promise<number[]> {
  return (await readdir(proc).catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
}
