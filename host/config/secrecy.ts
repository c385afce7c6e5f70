import type { Path } from "./problem.js";

const SECRET_PLACES: readonly string[] = ["mqtt.url", "mqtt.username", "mqtt.password"];
/** Keys whose values are nobody's business, wherever they were put by mistake. */
const SECRET_KEY = /pass|secret|token|^url$/i;

/** Whether the value at a path may be a secret: it is never printed. */
export function isSecret(path: Path): boolean {
  const at = path.join(".");
  return SECRET_PLACES.some((place) => at === place || at.startsWith(`${place}.`)) || path.some((key) => SECRET_KEY.test(key));
}
