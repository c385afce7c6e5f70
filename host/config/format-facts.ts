import { FORMAT_NAMES } from "../decoders/formats.js";
import { LD_MODELS } from "../decoders/points/ld06.js";
import { POINT_FORMATS, type PointFormat } from "../decoders/points/formats.js";
import type { SensorSize } from "../types.js";
import type { InputConfig } from "./config.js";

export type InputKind = InputConfig["kind"];

/** What a configuration has to know of a format. */
export interface FormatFacts {
  /** undefined: only its first bytes will tell. */
  readonly gives: "events" | "points" | undefined;
  readonly inputs: readonly InputKind[];
  /** Bits a second at which such sensors speak as they are sold. */
  readonly baudRate?: number;
  /** The one size that such sensors have. */
  readonly size?: SensorSize;
  /** Whether its stream, without the header of a file, leaves the sensor's size open. */
  readonly sizeless?: boolean;
  /** What a file of `sensor-info` holds; `needed` where nothing can be decoded without. */
  readonly sensorInfo?: "needed" | "useful";
}

/** Found in the first bytes. */
export const AUTO = "auto";

const EVERYWHERE: readonly InputKind[] = ["serial", "udp", "mqtt", "file"];
const ON_A_LINE: readonly InputKind[] = ["serial", "mqtt", "file"];
const IN_FILES: readonly InputKind[] = ["file"];
const EDVS_SIZE: SensorSize = { width: 128, height: 128 };

/** Formats of events that say something else than: in files, with their size. */
const EVENTS: Readonly<Record<string, Omit<FormatFacts, "gives">>> = {
  bridge: { inputs: ON_A_LINE, baudRate: 1_000_000 },
  openmv: { inputs: ON_A_LINE, baudRate: 921_600, size: { width: 320, height: 320 } },
  ...Object.fromEntries(FORMAT_NAMES.filter((name) => name.startsWith("edvs-"))
    .map((name) => [name, { inputs: ON_A_LINE, baudRate: 4_000_000, size: EDVS_SIZE }])),
  ...Object.fromEntries(["evt2", "evt21", "evt3", "evt4"].map((name) => [name, { inputs: ON_A_LINE, sizeless: true }])),
  ...Object.fromEntries(["dat", "aedat3"].map((name) => [name, { inputs: ON_A_LINE }])),
  spif: { inputs: ["udp", "file"], sizeless: true },
};

/** Packets of CBOR, as docs/messages.cddl has them, that are no other format's bytes. */
const PACKETS: readonly (readonly [string, FormatFacts])[] = [
  ["raw-dvs", { gives: "events", inputs: ["mqtt"] }],
  ["raw-lidar", { gives: "points", inputs: ["mqtt"] }],
];

const POINT_BAUD_RATES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(LD_MODELS).map(([name, { baud }]) => [name, baud])),
  ydlidar: 128_000,
  "ydlidar-intensity": 230_400,
  "ydlidar-tof": 512_000,
};
/** RPLIDAR A1 and A2, TFmini, and whatever is behind a USB converter of its own, which does not care. */
const USUAL_POINT_BAUD_RATE = 115_200;

/** Names that people know a sensor by, and the format that it speaks. */
export const ALIASES: Readonly<Record<string, string>> = { ld19: "ld06", stl26: "stl06p", "tf-luna": "tfmini", genx320: "openmv" };

/** Every format by its name, as a configuration may name it. */
export const FORMAT_FACTS: ReadonlyMap<string, FormatFacts> = new Map([
  [AUTO, { gives: undefined, inputs: EVERYWHERE }],
  ...[...FORMAT_NAMES, "spif"].map((name) => [name, eventFacts(name)] as const),
  ...PACKETS,
  ...POINT_FORMATS.map((format) => [format.name, pointFacts(format)] as const),
]);

function eventFacts(name: string): FormatFacts {
  return { gives: "events", ...(EVENTS[name] ?? { inputs: IN_FILES }) };
}

function pointFacts({ name, transport, info }: PointFormat): FormatFacts {
  const sensorInfo = info === undefined ? {} : { sensorInfo: name === "ouster" ? "needed" : "useful" } as const;
  if (transport === "udp") return { gives: "points", inputs: ["udp", "file"], ...sensorInfo };
  return { gives: "points", inputs: ON_A_LINE, baudRate: POINT_BAUD_RATES[name] ?? USUAL_POINT_BAUD_RATE, ...sensorInfo };
}

/** The name by which the decoders know a format. */
export function formatName(named: string): string {
  return ALIASES[named] ?? named;
}

/** Facts of a format that a configuration may name. */
export function factsOf(named: string): FormatFacts | undefined {
  return FORMAT_FACTS.get(formatName(named));
}
