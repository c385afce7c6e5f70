/**
 * What is on the wire, once: the codec, firmware/bridge_fields.{h,c}, the byte pictures of PROTOCOL.md and the schema number of HELLO
 * are all made of these tables. Numbers are little-endian and packed; text is ASCII, padded with zeros.
 */

export type FieldType = "u8" | "u16" | "i16" | "u32" | "i32" | "text24" | "text32";

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Unit, range, meaning. */
  readonly says: string;
}

/** One way to lay a payload out: a head, then records until the frame ends. A form without records may grow at its end in a later version. */
export interface Form {
  readonly name: string;
  readonly head: readonly Field[];
  readonly record?: readonly Field[];
  /** Records are words whose size and fields the head tells. */
  readonly words?: true;
}

export interface FrameType {
  readonly code: number;
  readonly from: "device" | "host";
  readonly says: string;
  /** Flags bits 0..1 are the index of the form. */
  readonly forms: readonly Form[];
}

/** Breaking changes raise it. HELLO and START carry it, and neither side streams unless they agree. */
export const VERSION = 1;
/** Header and CRC included, before stuffing. */
export const MAX_FRAME_BYTES = 16384;
export const DEFAULT_FRAME_BYTES = 4096;
/** Every device and every host takes frames up to this size. */
export const MIN_FRAME_BYTES = 128;
export const FORM_MASK = 3;
/** Flag of a HEARTBEAT: `answers` holds the sequence number of the host's latest TIME. */
export const ANSWERS_FLAG = 4;
/** HEARTBEAT's `credit` when START asked for no flow control. */
export const NO_LIMIT = 65535;

export const HEADER = [
  { name: "type", type: "u8", says: "what the payload is; bit 7 set: from the host" },
  { name: "flags", type: "u8", says: "bits 0..1 form of the payload; other bits 0 unless the type says" },
  { name: "seq", type: "u16", says: "frames sent before this one since reset, modulo 2^16; each direction counts for itself" },
  { name: "t0", type: "u32", says: "µs, the device's clock, wraps at 2^32; from the host 0" },
] as const satisfies readonly Field[];

/** CRC-32/ISO-HDLC of header and payload. */
export const CHECK = [{ name: "crc", type: "u32", says: "CRC-32/ISO-HDLC of all before it" }] as const satisfies readonly Field[];

const RESULT = [
  { name: "start", type: "u32", says: "µs from t0 to the window's start" },
  { name: "span", type: "u32", says: "µs, the window's length" },
  { name: "kind", type: "u8", says: "0 new, 1 update, 2 end, 3 once" },
  { name: "model", type: "u8", says: "which of the device's networks" },
  { name: "label", type: "u16", says: "index into the network's labels" },
  { name: "score", type: "u16", says: "per mille, 0..1000" },
] as const satisfies readonly Field[];

const POINTS_HEAD = [
  { name: "step", type: "u32", says: "ns from one point to the next; the first is at t0" },
  { name: "unit", type: "u16", says: "µm a count of length, 1..65535" },
] as const satisfies readonly Field[];

export const FRAMES = {
  HELLO: {
    code: 0x01,
    from: "device",
    says: "who I am: at reset, then every second until START, and in answer to STOP",
    forms: [{
      name: "hello",
      head: [
        { name: "version", type: "u8", says: "of this protocol: 1" },
        { name: "sends", type: "u8", says: "bit n set: frames of type n may come" },
        { name: "width", type: "u16", says: "pixels; 0: no camera" },
        { name: "height", type: "u16", says: "pixels; 0: no camera" },
        { name: "maxFrame", type: "u16", says: "bytes, longest frame that it sends, header to CRC" },
        { name: "maxReceive", type: "u16", says: "bytes, longest frame that it takes" },
        { name: "tick", type: "u32", says: "ns, step of the clock" },
        { name: "schema", type: "u32", says: "CRC-32 of the field tables it was built with" },
        { name: "firmware", type: "u32", says: "its own version: major in bits 24..31, minor 16..23, patch 0..15" },
        { name: "boot", type: "u32", says: "differs after each reset" },
        { name: "uptime", type: "u32", says: "ms, the clock of t0: floor(µs / 1000)" },
        { name: "id", type: "text24", says: "serial number of the chip" },
        { name: "name", type: "text24", says: "for people" },
      ],
    }],
  },
  EVENTS: {
    code: 0x02,
    from: "device",
    says: "events of a camera",
    forms: [
      {
        name: "plain",
        head: [],
        record: [
          { name: "dt", type: "u16", says: "µs from t0, in any order" },
          { name: "x", type: "u16", says: "pixels from the left" },
          { name: "yp", type: "u16", says: "y, pixels from the top, in bits 0..14; polarity in bit 15, 1 ON" },
        ],
      },
      {
        name: "compact",
        head: [
          { name: "wordBytes", type: "u8", says: "2, 3 or 4" },
          { name: "xBits", type: "u8", says: "1..15" },
          { name: "yBits", type: "u8", says: "1..15; 2 + xBits + yBits ≤ 8 · wordBytes" },
          { name: "zero", type: "u8", says: "0" },
        ],
        words: true,
      },
    ],
  },
  POINTS: {
    code: 0x03,
    from: "device",
    says: "points of a LiDAR, at equal steps of time",
    forms: [
      {
        name: "polar",
        head: POINTS_HEAD,
        record: [
          { name: "range", type: "u16", says: "counts; 0: nothing seen" },
          { name: "angle", type: "u16", says: "0.01°, 0..35999, clockwise seen from above, 0 ahead" },
          { name: "intensity", type: "u8", says: "0..255" },
        ],
      },
      {
        name: "cartesian",
        head: POINTS_HEAD,
        record: [
          { name: "x", type: "i16", says: "counts, ahead" },
          { name: "y", type: "i16", says: "counts, to the left" },
          { name: "z", type: "i16", says: "counts, up" },
          { name: "intensity", type: "u8", says: "0..255" },
          { name: "ring", type: "u8", says: "laser, from below" },
        ],
      },
    ],
  },
  VENDOR: {
    code: 0x04,
    from: "device",
    says: "bytes of a sensor's own protocol, as they came; t0 is when the first did",
    forms: [{
      name: "bytes",
      head: [
        { name: "protocol", type: "u8", says: "whose bytes" },
        { name: "port", type: "u8", says: "which of the device's ports" },
        { name: "span", type: "u16", says: "µs from the first byte to the last" },
      ],
      record: [{ name: "byte", type: "u8", says: "as it came" }],
    }],
  },
  RESULT: {
    code: 0x05,
    from: "device",
    says: "what a network on the device says",
    forms: [
      { name: "decision", head: [], record: RESULT },
      {
        name: "detection",
        head: [],
        record: [
          ...RESULT,
          { name: "x", type: "i16", says: "pixels, left edge" },
          { name: "y", type: "i16", says: "pixels, top edge" },
          { name: "width", type: "u16", says: "pixels" },
          { name: "height", type: "u16", says: "pixels" },
        ],
      },
      {
        name: "logits",
        head: [
          { name: "start", type: "u32", says: "µs from t0 to the window's start" },
          { name: "span", type: "u32", says: "µs, the window's length" },
          { name: "window", type: "u32", says: "windows before this one since reset" },
          { name: "events", type: "u32", says: "of the window" },
          { name: "infer", type: "u32", says: "µs that the engine took for it" },
          { name: "identity", type: "u32", says: "of the network: word 13 of its plan" },
          { name: "model", type: "u8", says: "which of the device's networks" },
        ],
        record: [{ name: "logit", type: "i32", says: "of the label with this number" }],
      },
    ],
  },
  HEARTBEAT: {
    code: 0x06,
    from: "device",
    says: "every second at least, and in answer to TIME (then flags bit 2 is set); counters run from reset and wrap at 2^32",
    forms: [{
      name: "heartbeat",
      head: [
        { name: "boot", type: "u32", says: "as in HELLO" },
        { name: "frames", type: "u32", says: "frames sent before this one" },
        { name: "uptime", type: "u32", says: "ms, the clock of t0: floor(µs / 1000)" },
        { name: "items", type: "u32", says: "events, points, bytes and results in frames sent" },
        { name: "lostSensor", type: "u32", says: "items that the sensor or its driver lost" },
        { name: "lostRing", type: "u32", says: "items dropped because the ring was full" },
        { name: "lostCredit", type: "u32", says: "items dropped because the host gave no credit" },
        { name: "received", type: "u32", says: "good frames from the host" },
        { name: "damaged", type: "u32", says: "packets from the host that were no good frame" },
        { name: "answers", type: "u16", says: "seq of the TIME that this answers" },
        { name: "credit", type: "u16", says: "frames it may still send; 65535: no limit" },
        { name: "streaming", type: "u8", says: "1 after START, 0 after STOP" },
      ],
    }],
  },
  ERROR: {
    code: 0x07,
    from: "device",
    says: "the device could not do something; it goes on",
    forms: [{
      name: "error",
      head: [
        { name: "code", type: "u16", says: "what happened" },
        { name: "about", type: "u16", says: "the type or key that it is about" },
        { name: "text", type: "text32", says: "for people" },
      ],
    }],
  },
  START: {
    code: 0x81,
    from: "host",
    says: "stream",
    forms: [{
      name: "start",
      head: [
        { name: "version", type: "u8", says: "of this protocol: 1" },
        { name: "form", type: "u8", says: "wished form of EVENTS" },
        { name: "wants", type: "u8", says: "bit n set: send frames of type n" },
        { name: "flow", type: "u8", says: "0 send freely, 1 obey credit" },
        { name: "maxFrame", type: "u16", says: "bytes, longest frame that the host takes" },
        { name: "limit", type: "u16", says: "as in CREDIT" },
      ],
    }],
  },
  STOP: { code: 0x82, from: "host", says: "be silent, and say HELLO", forms: [{ name: "stop", head: [] }] },
  CREDIT: {
    code: 0x83,
    from: "host",
    says: "how far the device may send",
    forms: [{ name: "credit", head: [{ name: "limit", type: "u16", says: "data frames with seq before this may go: at most 32767 ahead" }] }],
  },
  CONFIG: {
    code: 0x84,
    from: "host",
    says: "settings; one that is not known gives an ERROR",
    forms: [{
      name: "settings",
      head: [],
      record: [{ name: "key", type: "u16", says: "which setting" }, { name: "value", type: "i32", says: "its value" }],
    }],
  },
  TIME: {
    code: 0x85,
    from: "host",
    says: "the host's time; the device's clock is not set by it",
    forms: [{
      name: "time",
      head: [
        { name: "low", type: "u32", says: "µs since 1970, low half" },
        { name: "high", type: "u32", says: "µs since 1970, high half" },
      ],
    }],
  },
} as const satisfies Record<string, FrameType>;

export type FrameName = keyof typeof FRAMES;

/** VENDOR's `protocol`. */
export const VENDORS = { edvs: 1, genx320: 2, evt2: 3, evt3: 4, ld06: 16, rplidar: 17, ydlidar: 18, tfmini: 19, hokuyo: 20, other: 255 } as const;

/** ERROR's `code`. */
export const ERRORS = { version: 1, type: 2, payload: 3, setting: 4, sensor_absent: 5, sensor_fault: 6 } as const;

/** CONFIG's keys; 256 + n is bias n of the sensor, from 32768 on they are the device's own. */
export const SETTINGS = { heartbeat_ms: 1, latency_us: 2, bias: 256, own: 32768 } as const;
