import { Option, type Command } from "commander";
import { parseWhole } from "./parse.js";

export interface DemoOptions {
  readonly model: string;
  readonly count: number;
  readonly seed: number;
  readonly speed: "max" | "real";
  readonly port?: number;
  readonly forever?: boolean;
  readonly json?: boolean;
}

/** `saccade demo`: everything on loopback with no hardware. */
export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("see it work: simulated sensor, network, broker and subscriber, all on this machine")
    .option("--model <package>", "a package for digits: a file, or the name of one in the zoo", "nmnist")
    .option("--count <n>", "digits to show", parseWhole(1), 20)
    .option("--seed <n>", "which digits, in which hand", parseWhole(0), 1)
    .addOption(new Option("--speed <speed>", "as fast as possible, or at the sensor's pace").choices(["max", "real"]).default("real"))
    .option("--port <port>", "the broker's port; default 1883, or a free one", parseWhole(1, 65535))
    .option("--forever", "until interrupted")
    .option("--json", "print JSON, one digit a line, then the summary")
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import("./demo-run.js");
      await runDemo(options);
    });
}
