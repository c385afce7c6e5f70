import { ModelError } from "../errors.js";
import type { Card, SelfTest } from "./card.js";
import type { Program } from "./program.js";

export interface PackageParts {
  readonly program: Program;
  readonly card: Card;
  /** JSON-able and informative; `import_report` inside it is what `saccade inspect` prints as the import report. */
  readonly graph: unknown;
  readonly selfTest: SelfTest;
}

/** The package file's bytes: the same parts give the same bytes. */
export function buildPackage(_parts: PackageParts): Uint8Array {
  throw new ModelError("PACKAGE_INVALID", "the package writer is being written", "wait");
}
