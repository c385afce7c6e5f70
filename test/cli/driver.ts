import { runProgram } from "../../host/cli/program.js";

/** Runs command lines that come from the parent, one at a time, and tells what each printed: one start for many runs. */
process.on("message", (argv: readonly string[]) => {
  void run(argv);
});

async function run(argv: readonly string[]): Promise<void> {
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    process[name].write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
      printed[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
      const callback = typeof encoding === "function" ? encoding : done;
      if (typeof callback === "function") process.nextTick(callback);
      return true;
    };
  const code = await runProgram(argv);
  process.send!({ code, ...printed });
}
