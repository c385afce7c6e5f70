#!/usr/bin/env node
import { SaccadeError } from "../errors.js";
import { report, runProgram } from "./program.js";

const argv = process.argv.slice(2);
const verbose = argv.includes("--verbose");

// A reader that has seen enough (`saccade … | head`) ends the program, as it would end any other filter.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  const full = new SaccadeError("FILE_UNWRITABLE", `the output cannot be written: ${error.code}`, "check that there is room where it goes", { cause: error });
  process.exit(report(full, verbose));
});
process.on("uncaughtException", error => process.exit(report(error, verbose)));

process.exitCode = await runProgram(argv);
