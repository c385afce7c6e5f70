#!/usr/bin/env node
import { report, runProgram } from "./program.js";

const argv = process.argv.slice(2);

// A reader that has seen enough (`saccade … | head`) ends the program, as it would end any other filter.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
process.on("uncaughtException", error => process.exit(report(error, argv.includes("--verbose"))));

process.exitCode = await runProgram(argv);
