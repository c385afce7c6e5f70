import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** A serial port that does not exist: what is opened at `path` talks to this end. */
export interface Pty {
  readonly path: string;
  write(bytes: Uint8Array): void;
  /** Bytes that wait for the other side to read. */
  readonly waiting: number;
  /** Unplugs it: the path vanishes, whoever has it open reads an end. */
  close(): Promise<void>;
}

const TRIES = 200, WAIT_MILLIS = 10;

/**
 * Opens a pseudo-terminal whose far end is linked at `path`. socat holds it, for Node has no call that makes one.
 * @param heard what the far end writes
 * @throws Error when socat is missing or cannot make the link
 */
export async function openPty(path: string, heard: (bytes: Uint8Array) => void): Promise<Pty> {
  const socat = spawn("socat", ["-b", "65536", "-", `pty,raw,echo=0,link=${path}`], { stdio: ["pipe", "pipe", "inherit"] });
  let failure: Error | undefined, ended = false;
  const closed = new Promise<void>((resolve) => socat.once("close", () => resolve(void (ended = true))));
  socat.once("error", (error) => (failure = error));
  socat.stdin.on("error", () => undefined);
  for (let tries = 0; !existsSync(path); tries++) {
    if (failure || ended || tries === TRIES) throw new Error(`socat made no pseudo-terminal at ${path}`, { cause: failure });
    await sleep(WAIT_MILLIS);
  }
  socat.stdout.on("data", heard);
  return {
    path,
    // A copy: the stream may keep it until later.
    write: (bytes) => void (ended || socat.stdin.write(bytes.slice())),
    get waiting() {
      return socat.stdin.writableLength;
    },
    close: () => end(socat, closed),
  };
}

async function end(socat: ChildProcessByStdio<Writable, Readable, null>, closed: Promise<void>): Promise<void> {
  socat.stdin.destroy();
  socat.kill();
  await closed;
}
