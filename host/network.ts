import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readPackage, type PackageFile } from "../models/package/reader.js";
import { loadEngine, type EngineOptions } from "./engine/engine.js";
import type { Network } from "./pipeline.js";
import { packageRoot } from "./root.js";
import { readInputFile } from "./sources/input-file.js";

/**
 * Reads and checks a package that a user named: a file, or the name of one in the zoo.
 * @throws FILE_NOT_FOUND, FILE_UNREADABLE, ModelError PACKAGE_CORRUPT, PACKAGE_VERSION, PACKAGE_INVALID
 */
export async function openPackage(named: string): Promise<PackageFile> {
  return readPackage(await readInputFile(existsSync(named) ? named : inZoo(named) ?? named));
}

/** An engine with the package in it, and its first stream. @throws what openPackage and loadEngine throw */
export async function openNetwork(named: string, options?: EngineOptions): Promise<Network> {
  const pkg = await openPackage(named);
  const engine = await loadEngine(pkg, { tune: true, ...options });
  return { pkg, engine, stream: engine.stream() };
}

function inZoo(name: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) return undefined;
  const path = fileURLToPath(new URL(`models/zoo/${name}.saccade`, packageRoot));
  return existsSync(path) ? path : undefined;
}
