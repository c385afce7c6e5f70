import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../host/root.js";

export const ROOT = fileURLToPath(packageRoot);

/** All TypeScript files below the given top-level folders, as paths from the root with forward slashes. */
export function sources(...folders: readonly string[]): string[] {
  return folders.filter((folder) => existsSync(join(ROOT, folder))).flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
      .filter((path) => path.endsWith(".ts") && !path.includes("/node_modules/"))
      .sort());
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Files that git tracks, or undefined outside a checkout, as in an unpacked release. */
export function trackedFiles(): string[] | undefined {
  if (!existsSync(join(ROOT, ".git"))) return undefined;
  const paths = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" }).split("\0");
  return paths.filter((path) => path !== "" && existsSync(join(ROOT, path)));
}
