import { Argument, Option, type Command } from "commander";
import { SHOWS, type ShowName } from "./demo-show.js";
import { parseSeed, parseWhole } from "./parse.js";

export interface DemoOptions {
  readonly model?: string;
  readonly count?: number;
  readonly seed: number;
  readonly speed: "max" | "real";
  readonly port?: number;
  readonly forever?: boolean;
  readonly json?: boolean;
}

const COUNTS = Object.values(SHOWS).map(({ count, things }) => `${count} ${things}`).join(", ");

/** `saccade demo`: everything on loopback with no hardware. */
export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("see it work: simulated sensor, network, broker and subscriber, all on this machine")
    .addArgument(new Argument("[show]", "what the sensor looks at").choices(Object.keys(SHOWS)).default("actions"))
    .option("--model <package>", "a package that knows it: a file, or the name of one in the zoo; default the zoo's")
    .option("--count <n>", `how many to show, beside getting up and sitting down in between; default ${COUNTS}`, parseWhole(1))
    .option("--seed <n>", "which ones, and how", parseSeed, 1)
    .addOption(new Option("--speed <speed>", "as fast as possible, or at the sensor's pace").choices(["max", "real"]).default("real"))
    .option("--port <port>", "the broker's port; default 1883, or a free one", parseWhole(1, 65535))
    .option("--forever", "until interrupted")
    .option("--json", "print JSON, one thing shown a line, then the summary")
    .action(async (show: ShowName, options: DemoOptions) => {
      const { runDemo } = await import("./demo-run.js");
      await runDemo(SHOWS[show], options);
    });
}
