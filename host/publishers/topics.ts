import { SaccadeError } from "../errors.js";
import { NAME_PATTERN } from "./messages.js";

/** Deepest topic: base/gateway/src/source/event/cbor. */
export interface Topics {
  readonly status: string;
  readonly info: string;
  sourceStatus(source: string): string;
  event(source: string): string;
  eventCbor(source: string): string;
  state(source: string): string;
  stats(source: string): string;
}

const BASE_PATTERN = /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/;

/** The topics of one gateway. @throws SaccadeError CONFIG_INVALID for names that do not belong in a topic. */
export function topicsOf(base: string, gateway: string): Topics {
  if (!BASE_PATTERN.test(base) || base.length > 128) {
    const remedy = "use letters, digits, _ and -, in parts separated by one /";
    throw new SaccadeError("CONFIG_INVALID", `base topic "${base}" is refused`, remedy);
  }
  checkName("gateway", gateway);
  const root = `${base}/${gateway}`;
  const of = (source: string): string => `${root}/src/${source}`;
  return {
    status: `${root}/status`,
    info: `${root}/info`,
    sourceStatus: (source) => `${of(source)}/status`,
    event: (source) => `${of(source)}/event`,
    eventCbor: (source) => `${of(source)}/event/cbor`,
    state: (source) => `${of(source)}/state`,
    stats: (source) => `${of(source)}/stats`,
  };
}

/** @throws SaccadeError CONFIG_INVALID when a gateway's or source's name cannot stand in a topic. */
export function checkName(what: "gateway" | "source", name: string): void {
  if (NAME_PATTERN.test(name)) return;
  const remedy = "use 1 to 32 of a-z, 0-9, _ and -, beginning with a letter or digit";
  throw new SaccadeError("CONFIG_INVALID", `${what} "${name}" is no name for a topic`, remedy);
}
