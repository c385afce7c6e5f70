import { InvalidArgumentError, Option, type Command } from "commander";
import { BOARDS, CORES, type BoardName } from "../../models/export/boards.js";
import { fit, type Fit, type Target } from "../../models/export/fit.js";
import type { PackageFile } from "../../models/package/reader.js";
import { SaccadeError } from "../errors.js";
import { whole } from "./text.js";

/** Where a package shall run, as a user says it. */
export interface TargetOptions {
  readonly board?: BoardName;
  readonly flash?: number;
  readonly ram?: number;
}

export const ANY_CORE = "cortex-m";

/** Adds --board, --flash and --ram. */
export function addTargetOptions(command: Command): Command {
  return command
    .addOption(new Option("--board <name>", "a board whose core, flash and RAM are known").choices(Object.keys(BOARDS)))
    .option("--flash <bytes>", "flash that there is: bytes, or K or M of them", parseBytes)
    .option("--ram <bytes>", "RAM that there is, in one piece", parseBytes);
}

/** 65536, 64K, 2M. */
function parseBytes(text: string): number {
  const [, digits, unit = ""] = /^(\d{1,9})([KkMm]?)$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError("It has to be a number of bytes, such as 65536, 64K or 2M.");
  return Number(digits) * { "": 1, k: 1024, m: 1024 * 1024 }[unit.toLowerCase()]!;
}

/** @param named  a core, or cortex-m for any; undefined: the board's */
export function targetOf({ board, flash, ram }: TargetOptions, named: string | undefined): Target {
  const known = board === undefined ? undefined : BOARDS[board];
  const core = named === undefined || named === ANY_CORE ? known?.core : CORES.find((each) => each === named);
  return { core, flash: flash ?? known?.flash, ram: ram ?? known?.ram };
}

/** What the package takes there. @throws SaccadeError DOES_NOT_FIT with the numbers; and for a network of points, which the embedded engine does not run */
export function mustFit(pkg: PackageFile, target: Target): Fit {
  if (pkg.card.framing.frame === "points")
    throw new SaccadeError("DOES_NOT_FIT", `${pkg.card.name} looks at points; the embedded engine takes events one by one, into frames`, "use a network of frames");
  const found = fit(pkg, target);
  if (found.excess.length > 0)
    throw new SaccadeError("DOES_NOT_FIT", `${pkg.card.name} wants ${found.excess.join(", and ")}`, "use a greater board, or a smaller network");
  return found;
}

/** The contract of `saccade inspect --target … --json`: member `target`. */
export function targetJson({ core, flash, ram }: Target, found: Fit): object {
  return {
    core: core ?? ANY_CORE,
    flash_bytes: { ...found.flash, limit: flash ?? null },
    ram_bytes: { ...found.ram, limit: ram ?? null },
  };
}

export function targetText({ core, flash, ram }: Target, found: Fit): string {
  const of = (total: number, limit: number | undefined): string => (limit === undefined ? whole(total) : `${whole(total)} of ${whole(limit)}`);
  return [
    `${(core ?? ANY_CORE).padEnd(12)}flash ${of(found.flash.total, flash)} bytes: network ${whole(found.flash.network)}, engine ${whole(found.flash.engine)}`,
    `${"".padEnd(12)}RAM ${of(found.ram.total, ram)} bytes: arena ${whole(found.ram.arena)}, state ${whole(found.ram.state)}, `
      + `engine ${whole(found.ram.engine)}; your program and its stack come on top`,
  ].join("\n");
}
