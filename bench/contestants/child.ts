import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Runner } from "../rounds.js";

/** What a child says first: its library's version, and the outputs of every frame in order, so that nobody times a wrong network. */
export interface Greeting {
  readonly version: string;
  readonly outputs: readonly (readonly number[])[];
}

/**
 * An engine in a process of its own that answers "run N" lines with {"seconds"}: no engine warms or disturbs another, rounds can
 * alternate, and its memory is its own.
 */
export class Child implements Runner {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #complaints: string[] = [];
  greeting: Greeting = { version: "", outputs: [] };

  private constructor(readonly name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#process = spawn(command, args, { env: { ...process.env, ...env }, stdio: "pipe" });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => this.#complaints.push(text));
    this.#process.stdin.on("error", () => undefined);
    this.#process.on("error", error => this.#complaints.push(error.message));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error with what the child wrote to stderr, when it ends without a greeting */
  static async start(name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Child> {
    const child = new Child(name, command, args, env);
    child.greeting = (await child.#answer()) as Greeting;
    return child;
  }

  async run(n: number): Promise<number> {
    this.#process.stdin.write(`run ${n}\n`);
    return ((await this.#answer()) as { seconds: number }).seconds;
  }

  /** Resident bytes, where the system tells them. */
  get residentBytes(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.#process.pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
    } catch {
      return undefined;
    }
  }

  stop(): void {
    this.#process.stdin.end();
    this.#process.kill();
  }

  /** The next line that is JSON: libraries talk on stdout too. */
  async #answer(): Promise<unknown> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`${this.name} ended: ${this.#complaint}`);
      if (value.startsWith("{")) return JSON.parse(value);
    }
  }

  get #complaint(): string {
    const lines = this.#complaints.join("").split("\n").filter(line => line.trim() !== "");
    return lines.find(line => /error/i.test(line)) ?? lines.at(-1) ?? "without a word";
  }
}
