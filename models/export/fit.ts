import type { PackageFile } from "../package/reader.js";
import { blobBytes } from "./blob.js";
import type { Core } from "./boards.js";
import { engineSize } from "./engine-sizes.js";
import { arenaBytes, opsMask, stateBytes } from "./needs.js";

/** Where a package shall run. */
export interface Target {
  /** undefined: any Cortex-M; then the core that takes most counts. */
  readonly core: Core | undefined;
  /** Bytes that there are; undefined: not told. */
  readonly flash: number | undefined;
  readonly ram: number | undefined;
}

/** What a package takes on a target, in bytes; the caller's own program and stack come on top. */
export interface Fit {
  readonly flash: { readonly network: number; readonly engine: number; readonly total: number };
  readonly ram: { readonly arena: number; readonly state: number; readonly engine: number; readonly total: number };
  /** What does not fit, a part of a sentence each; none: it fits. */
  readonly excess: readonly string[];
}

export function fit(pkg: PackageFile, { core, flash, ram }: Target): Fit {
  const engine = engineSize(core, opsMask(pkg.view.program));
  const network = blobBytes(pkg), arena = arenaBytes(pkg), state = stateBytes(pkg);
  const flashTotal = network + engine.text, ramTotal = arena + state + engine.ram;
  return {
    flash: { network, engine: engine.text, total: flashTotal },
    ram: { arena, state, engine: engine.ram, total: ramTotal },
    excess: [...over("flash", flashTotal, flash), ...over("RAM", ramTotal, ram)],
  };
}

function over(what: string, wanted: number, there: number | undefined): string[] {
  return there === undefined || wanted <= there ? [] : [`${wanted} bytes of ${what} where there are ${there}`];
}
