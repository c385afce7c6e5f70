import type { EventMessage } from "./messages.js";

/** Hex digits of the package's digest that JSON carries. */
const SHA_DIGITS = 8;

/** The JSON of an event, one line (docs/event.schema.json). */
export function eventJson(event: EventMessage): string {
  const { name, version, sha256 } = event.model;
  return JSON.stringify({ ...event, model: { name, version, sha256: sha256.slice(0, SHA_DIGITS) } });
}
