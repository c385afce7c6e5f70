import { decode } from "cborg";
import { EVENT_KEYS } from "../../host/publishers/cbor.js";
import { CLOCKS, EVENT_TYPES, type EventMessage } from "../../host/publishers/messages.js";
import { uuidText } from "../../host/publishers/uuid.js";

/** Another library's strict reading: shortest forms, definite lengths, no key twice, no floats. Tag 69 is u16 little-endian (RFC 8746). */
export function decodeStrictly(bytes: Uint8Array): Map<number, unknown> {
  return decode(bytes, {
    strict: true,
    useMaps: true,
    rejectDuplicateMapKeys: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowNaN: false,
    allowInfinity: false,
    tags: { 69: (inner) => uint16s(inner() as Uint8Array) },
  }) as Map<number, unknown>;
}

function uint16s(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 2 }, (_, index) => view.getUint16(2 * index, true));
}

/** The event as a receiver knows it, who gets only the first digits of the model's digest: 8 in JSON, 16 in CBOR. */
export function withDigits(event: EventMessage, digits: 8 | 16): EventMessage {
  return { ...event, model: { ...event.model, sha256: event.model.sha256.slice(0, digits) } };
}

/** The event that the bytes tell of, with what the topic adds; the model's digest is as long as CBOR carries it, 16 hex digits. */
export function eventFromCbor(bytes: Uint8Array, gateway: string): EventMessage {
  const map = decodeStrictly(bytes);
  const get = <T>(name: keyof typeof EVENT_KEYS): T => map.get(EVENT_KEYS[name]) as T;
  const label = get<string>("label");
  const type = EVENT_TYPES[get<number>("type")]!;
  const [name, version, digest] = get<[string, string, Uint8Array]>("model");
  const [window, infer, total] = get<[number, number, number]>("latency");
  const box = get<[number, number, number, number] | undefined>("box");
  const zones = get<string[] | undefined>("zones");
  return {
    v: get("version"),
    event_type: type === "new" || type === "once" ? label : `${label}_${type}`,
    type,
    id: uuidText(get("id")),
    seq: get("seq"),
    boot: get("boot"),
    ts: get("ts"),
    gateway,
    source: get("source"),
    label,
    score: get("score"),
    start: get("start"),
    end: get("end"),
    ...(box === undefined ? {} : { box }),
    ...(zones === undefined ? {} : { zones }),
    model: { name, version, sha256: Buffer.from(digest).toString("hex") },
    latency_us: { window, infer, total },
    clock: CLOCKS[get<number>("clock")]!,
    historical: get("historical"),
  };
}
