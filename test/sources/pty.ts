import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, unlinkSync } from "node:fs";
import { access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A cable: two ptys, of which one end is the gateway's port and the other the device's. */
export class Cable {
  readonly port: string;
  readonly device: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "saccade-pty-"));
  #socat: ChildProcess | undefined;

  constructor() {
    this.port = join(this.#folder, "port");
    this.device = join(this.#folder, "device");
  }

  async plug(): Promise<void> {
    const end = (link: string): string => `pty,raw,echo=0,link=${link}`;
    this.#socat = spawn("socat", [end(this.port), end(this.device)], { stdio: "ignore" });
    for (const link of [this.port, this.device]) while (!(await access(link).then(() => true, () => false))) await sleep(5);
  }

  /** Both ends hang up, and their names are gone. */
  async unplug(): Promise<void> {
    const socat = this.#socat;
    if (socat === undefined || socat.exitCode !== null || socat.signalCode !== null) return;
    const ended = once(socat, "exit");
    socat.kill("SIGKILL");
    await ended;
    // socat takes its links away when it ends by itself; a cut cable does not ask it.
    for (const link of [this.port, this.device]) unlinkSync(link);
  }

  async dispose(): Promise<void> {
    await this.unplug();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
