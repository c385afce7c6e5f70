import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { Command, CommanderError } from "commander";
import { EXIT } from "../errors.js";
import { packageRoot } from "../root.js";
import { addBench } from "./bench.js";
import { addConfig } from "./config.js";
import { addConvert } from "./convert.js";
import { addDecode } from "./decode.js";
import { addDemo } from "./demo.js";
import { addDoctor } from "./doctor.js";
import { addEval } from "./eval.js";
import { addExport } from "./export.js";
import { addFrames } from "./frames.js";
import { addImport } from "./import.js";
import { addInspect } from "./inspect.js";
import { addPorts } from "./ports.js";
import { addRecord } from "./record.js";
import { addReplay } from "./replay.js";
import { addRun } from "./run.js";
import { addSimulate } from "./simulate.js";

/** Commands, one file each, in the order of the help. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addDemo,
  addRun,
  addReplay,
  addRecord,
  addDecode,
  addConvert,
  addFrames,
  addImport,
  addEval,
  addInspect,
  addExport,
  addBench,
  addSimulate,
  addPorts,
  addConfig,
  addDoctor,
];

const VERSION = (JSON.parse(readFileSync(new URL("package.json", packageRoot), "utf8")) as { version: string }).version;

/** Parses and runs one command line. @returns the exit code; errors are printed as `code: what happened; what to do`. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const program = new Command("saccade")
    .description("Spiking neural networks for event cameras and LiDAR, at the edge")
    .option("--verbose", "print stack traces")
    .version(VERSION, "--version", "print the version")
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true });
  for (const add of COMMANDS) add(program);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return EXIT.ok;
  } catch (error) {
    return report(error, program.opts()["verbose"] === true);
  }
}

/** Help and the version were asked for; help without a command, and everything else that commander throws, is a wrong command line. */
function reportUsage(error: CommanderError): number {
  if (error.exitCode === 0) return EXIT.ok;
  if (error.code === "commander.help") return EXIT.usage;
  const what = error.message.replace(/^error: /, "").replace(/\.?\s*$/, "").replaceAll(/\s*\n\s*/g, " ");
  process.stderr.write(`USAGE: ${what}; saccade COMMAND --help prints the options\n`);
  return EXIT.usage;
}

interface Reportable extends Error {
  readonly line: string;
  readonly exitCode: number;
  readonly details?: readonly string[];
}

function isReportable(error: unknown): error is Reportable {
  return error instanceof Error && "line" in error && "exitCode" in error && "remedy" in error;
}

/** Prints an error as `code: what happened; what to do`, its details below, with `verbose` also where. @returns the exit code */
export function report(error: unknown, verbose: boolean): number {
  if (error instanceof CommanderError) return reportUsage(error);
  const known = isReportable(error);
  const what = error instanceof Error ? error.message : String(error);
  const line = known ? error.line : `INTERNAL: ${what.replaceAll(/\s*\n\s*/g, " ")}; run again with --verbose and report what it prints`;
  const lines = [line, ...(known ? (error.details ?? []) : []), ...(verbose ? [inspect(error)] : [])];
  process.stderr.write(lines.map((text) => `${text}\n`).join(""));
  return known ? error.exitCode : EXIT.internal;
}
