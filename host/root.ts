import { existsSync } from "node:fs";

/** The package's own folder, as a URL that ends in a slash: the same from sources and from build/. */
export const packageRoot: URL = findRoot(new URL("./", import.meta.url));

function findRoot(from: URL): URL {
  const above = new URL("../", from);
  if (existsSync(new URL("package.json", from)) || above.href === from.href) return from;
  return findRoot(above);
}
