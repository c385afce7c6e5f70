#!/usr/bin/env node
import { runProgram } from "./program.js";

// A reader that has seen enough (`saccade … | head`) ends the program, as it would end any other filter.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await runProgram(process.argv.slice(2));
