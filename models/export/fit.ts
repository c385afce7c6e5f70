import type { PackageFile } from "../package/reader.js";
import { blobBytes } from "./blob.js";
import type { Core } from "./boards.js";
import { engineSize } from "./engine-sizes.js";
import { arenaBytes, opsMask, stateBytes } from "./needs.js";

/** Where a package shall run. */
export interface Target {
  /** undefined: any Cortex-M; then the greatest of all cores counts. */
  readonly core: Core | undefined;
  /** Bytes that there are; undefined: not told. */
  readonly flash: number | undefined;
  readonly ram: number | undefined;
}

/** What a package takes on a target, in bytes. The engine's own share is null where it has not been measured, and is not in the total. */
export interface Fit {
  readonly flash: { readonly network: number; readonly engine: number | null; readonly total: number; readonly limit: number | null };
  readonly ram: {
    readonly arena: number;
    readonly state: number;
    readonly engine: number | null;
    /** Deepest call of the engine. */
    readonly stack: number | null;
    readonly total: number;
    readonly limit: number | null;
  };
  /** What does not fit, a sentence each; none: it fits. */
  readonly excess: readonly string[];
}

/** What a package takes on a target, and whether it is there. */
export function fit(pkg: PackageFile, { core, flash, ram }: Target): Fit {
  const size = engineSize(core, opsMask(pkg.view.program));
  const network = blobBytes(pkg), arena = arenaBytes(pkg), state = stateBytes(pkg);
  const flashTotal = network + (size?.text ?? 0), ramTotal = arena + state + (size?.ram ?? 0) + (size?.stack ?? 0);
  return {
    flash: { network, engine: size?.text ?? null, total: flashTotal, limit: flash ?? null },
    ram: { arena, state, engine: size?.ram ?? null, stack: size?.stack ?? null, total: ramTotal, limit: ram ?? null },
    excess: [...over("flash", flashTotal, flash), ...over("RAM", ramTotal, ram)],
  };
}

function over(what: string, wanted: number, there: number | undefined): string[] {
  return there === undefined || wanted <= there ? [] : [`${wanted} bytes of ${what} and there are ${there}`];
}
