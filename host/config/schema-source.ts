import { AUTO, ALIASES, FORMAT_FACTS } from "./format-facts.js";
import { duration, name, path, size } from "./schema-values.js";

const serial = {
  title: "Serial port",
  description: "A sensor on a serial port, which may be unplugged and plugged in at any time.",
  type: "object",
  additionalProperties: false,
  required: ["port"],
  properties: {
    port: {
      description: "A path, a name below /dev/serial/by-id, or usb:VID:PID or usb:VID:PID:SERIAL; `saccade ports` lists them.",
      type: "string",
      pattern: "^(/.+|usb:[0-9a-fA-F]{4}:[0-9a-fA-F]{4}(:.+)?|(?!usb:)[\\w.:@+-]+)$",
      patternErrorMessage: "a path (/dev/ttyUSB0), a name below /dev/serial/by-id, or usb:VID:PID in hexadecimal digits",
      examples: ["/dev/ttyUSB0", "usb:0403:6014"],
    },
    baud: {
      description: "Bits a second. Default: what sensors of the format speak as they are sold, such as 230400 for an LD19.",
      type: "integer",
      minimum: 300,
      maximum: 20_000_000,
      examples: [230_400, 12_000_000],
    },
    rtscts: { description: "Whether the sensor's RTS and CTS lines are connected, so that it can be told to wait.", type: "boolean", default: false },
  },
} as const;

const address = { type: "string", minLength: 2, maxLength: 64 } as const;

const udp = {
  title: "UDP port",
  description: "A sensor that sends datagrams.",
  type: "object",
  additionalProperties: false,
  required: ["port"],
  properties: {
    port: { description: "The local port.", type: "integer", minimum: 1, maximum: 65_535, examples: [2368] },
    address: { ...address, description: "The local address to listen on.", default: "0.0.0.0", examples: ["192.168.1.100"] },
    from: { ...address, description: "Take datagrams of this sender only.", examples: ["192.168.1.201"] },
    group: { ...address, description: "A multicast group to join.", examples: ["239.255.0.1"] },
  },
} as const;

const mqtt = {
  title: "MQTT topic",
  description: "Raw sensor packets by MQTT, from the same broker, in CBOR (docs/messages.cddl).",
  type: "object",
  additionalProperties: false,
  properties: {
    topic: {
      description: "Default: BASE/in/SOURCE/raw, with the names of mqtt.base and of the source.",
      type: "string",
      maxLength: 256,
      pattern: "^[^+#$\\s\\u0000/][^+#\\s\\u0000]*$",
      patternErrorMessage: "one whole topic: no + and #, no blanks, no / or $ at the beginning",
      examples: ["saccade/in/cam1/raw"],
    },
  },
} as const;

const file = {
  title: "Recording",
  description: "A recording in place of a sensor.",
  type: "object",
  additionalProperties: false,
  required: ["path"],
  properties: {
    path: { ...path, description: "The recording.", examples: ["walk.raw"] },
    speed: { description: "At the pace at which it was recorded, or as fast as possible.", enum: ["real", "max"], default: "real" },
  },
} as const;

const denoise = {
  title: "Filters",
  description: "Filters of events, in integers, in the order of this list; what is left out is off.",
  type: "object",
  additionalProperties: false,
  properties: {
    "hot-pixels": {
      description: "Mute a pixel that has more events a second than this, sustained.",
      type: "integer",
      minimum: 1,
      maximum: 100_000,
      examples: [2000],
    },
    "background-activity": { ...duration("1us", "60s"), description: "Drop an event without a neighbour's this shortly before.", examples: ["5ms"] },
    refractory: { ...duration("1us", "60s"), description: "Drop a pixel's events this soon after one that passed.", examples: ["1ms"] },
  },
} as const;

/** One entry of `sources`. */
export const SOURCE = {
  title: "Source",
  description: "One sensor, or a recording in its place: exactly one of serial, udp, mqtt and file.",
  type: "object",
  additionalProperties: false,
  oneOf: [{ required: ["serial"] }, { required: ["udp"] }, { required: ["mqtt"] }, { required: ["file"] }],
  properties: {
    serial,
    udp,
    mqtt,
    file,
    format: {
      description: "What the sensor speaks (docs/formats.md); auto: found in the first bytes, and refused when they may be several.",
      enum: [...FORMAT_FACTS.keys(), ...Object.keys(ALIASES)],
      default: AUTO,
      examples: ["edvs-e2", "ld19"],
    },
    size: { ...size, description: "The sensor's size in pixels, for formats that do not tell it." },
    models: {
      description: "Models that see this source, by their names in `models`. None: it is decoded, counted and perhaps recorded.",
      type: "array",
      items: name,
      uniqueItems: true,
      maxItems: 16,
      default: [],
      examples: [["digits"]],
    },
    results: {
      description: "Models that run on the device itself, by their names in `models`, in the device's order: the results that it sends over the "
        + "bridge become messages, with the packages' labels.",
      type: "array",
      items: name,
      uniqueItems: true,
      maxItems: 16,
      default: [],
      examples: [["digits"]],
    },
    overload: {
      description: "What a full queue does with more. block asks the sensor to wait: serial ports with rtscts or USB, and files. Default: "
        + "drop-oldest, of files block.",
      enum: ["drop-oldest", "drop-newest", "decimate", "block"],
      examples: ["drop-oldest"],
    },
    "stall-after": {
      ...duration("100ms", "1d", "never"),
      description: "Without bytes for this long it has stalled, and is opened anew after as long again; never: silence is fine.",
      default: "5s",
      examples: ["never"],
    },
    denoise,
    record: { ...path, description: "A folder for raw recordings of this source.", examples: ["recordings/"] },
    "sensor-info": {
      ...path,
      description: "What the sensor says of itself: an Ouster's metadata (JSON), a Hesai's angle correction (CSV).",
      examples: ["ouster.json"],
    },
  },
} as const;
