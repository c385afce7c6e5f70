import { ModelError } from "../errors.js";
import type { LoadedPackage } from "./card.js";

/** Reads and checks a package file. @throws ModelError PACKAGE_CORRUPT, PACKAGE_VERSION, PACKAGE_INVALID */
export function readPackage(_bytes: Uint8Array): LoadedPackage {
  throw new ModelError("PACKAGE_INVALID", "the package reader is being written", "wait");
}
