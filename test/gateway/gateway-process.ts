import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../host/root.js";

/** `saccade run` as a user starts it. */
export interface GatewayProcess {
  /** What it said on stderr so far. */
  readonly journal: string;
  readonly alive: boolean;
  readonly pid: number;
  /** SIGTERM. @returns the exit code */
  stop(): Promise<number | null>;
}

const MAIN = fileURLToPath(new URL("build/host/cli/main.js", packageRoot));

/** @param file  where the configuration is written   @param yaml  what it says */
export function startGateway(file: string, yaml: string, onLine: (line: string) => void = () => undefined): GatewayProcess {
  writeFileSync(file, yaml);
  const child: ChildProcessByStdio<null, Readable, Readable> =
    spawn(process.execPath, [MAIN, "run", "--config", file], { stdio: ["ignore", "pipe", "pipe"] });
  let journal = "", rest = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (journal += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  });
  return {
    get journal() {
      return journal;
    },
    get alive() {
      return child.exitCode === null && child.signalCode === null;
    },
    pid: child.pid!,
    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      return child.exitCode;
    },
  };
}
