import { access, constants, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { SaccadeError } from "../errors.js";
import { refuse } from "../writers/file-sink.js";

/**
 * Checks, before the work begins, that a file may be written where it is wanted, and is none of those that are read.
 * @throws SaccadeError USAGE, FILE_UNWRITABLE
 */
export async function checkOutput(output: string, inputs: readonly (string | undefined)[]): Promise<void> {
  await access(dirname(output), constants.W_OK).catch((cause: unknown) => refuse(output, cause));
  const there = await realpath(output).catch(() => undefined);
  if (there === undefined) return;
  for (const input of inputs)
    if (input !== undefined && (await realpath(input).catch(() => undefined)) === there)
      throw new SaccadeError("USAGE", `${output} is also read`, "write to another file");
}
