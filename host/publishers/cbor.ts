import { Encoder } from "cbor-x";
import { CLOCKS, EVENT_TYPES, EVENT_VERSION, type EventMessage } from "./messages.js";
import { uuidBytes } from "./uuid.js";

/** Keys of the CBOR event, as docs/messages.cddl has them. Rising, so that insertion order is the deterministic order. */
export const EVENT_KEYS = {
  version: 0,
  label: 1,
  type: 2,
  id: 3,
  seq: 4,
  boot: 5,
  ts: 6,
  source: 7,
  score: 8,
  start: 9,
  end: 10,
  box: 11,
  zones: 12,
  model: 13,
  latency: 14,
  historical: 15,
  clock: 16,
} as const;

const SHA_BYTES = 8;

/** Plain maps with integer keys, no record extension, byte strings without a tag: any decoder can read it. */
const encoder = new Encoder({ useRecords: false, mapsAsObjects: false, variableMapSize: true, tagUint8Array: false });

/**
 * The CBOR of an event (docs/messages.cddl): integer keys, definite lengths, shortest forms, keys in order, no floats: the core
 * deterministic encoding of RFC 8949 section 4.2.1. What the topic says (the gateway) and what follows from the rest (event_type) is
 * left out.
 */
export function eventCbor(event: EventMessage): Uint8Array {
  const fields = new Map<number, unknown>([
    [EVENT_KEYS.version, EVENT_VERSION],
    [EVENT_KEYS.label, event.label],
    [EVENT_KEYS.type, EVENT_TYPES.indexOf(event.type)],
    [EVENT_KEYS.id, uuidBytes(event.id)],
    [EVENT_KEYS.seq, whole(event.seq)],
    [EVENT_KEYS.boot, whole(event.boot)],
    [EVENT_KEYS.ts, whole(event.ts)],
    [EVENT_KEYS.source, event.source],
    [EVENT_KEYS.score, event.score],
    [EVENT_KEYS.start, whole(event.start)],
    [EVENT_KEYS.end, event.end === null ? null : whole(event.end)],
  ]);
  if (event.box !== undefined) fields.set(EVENT_KEYS.box, Uint16Array.from(event.box));
  if (event.zones !== undefined) fields.set(EVENT_KEYS.zones, event.zones);
  const digest = Uint8Array.from(Buffer.from(event.model.sha256.slice(0, 2 * SHA_BYTES), "hex"));
  fields.set(EVENT_KEYS.model, [event.model.name, event.model.version, digest]);
  const { window, infer, total } = event.latency_us;
  fields.set(EVENT_KEYS.latency, [whole(window), whole(infer), whole(total)]);
  fields.set(EVENT_KEYS.historical, event.historical);
  fields.set(EVENT_KEYS.clock, CLOCKS.indexOf(event.clock));
  return encoder.encode(fields);
}

/** cbor-x writes numbers from 2^32 on as floats; as bigint they stay integers, in the 8-byte form that is then the shortest. */
function whole(value: number): number | bigint {
  return value > 0xffffffff ? BigInt(value) : value;
}
