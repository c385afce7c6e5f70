import { SaccadeError } from "../../errors.js";

/** How a pixel of a packet is laid out: bytes, and of each return where and how wide its range is, of what unit, and its reflectivity. */
export interface OusterProfile {
  readonly name: string;
  /** Bytes of the packet's head and tail, and of each column's. */
  readonly head: number;
  readonly tail: number;
  readonly columnHead: number;
  readonly columnTail: number;
  readonly pixel: number;
  readonly returns: readonly OusterReturn[];
}
interface OusterReturn {
  readonly rangeAt: number;
  /** Applied to the u32, or the u16 of a pixel of 4 bytes, at rangeAt. */
  readonly mask: number;
  /** mm */
  readonly unit: number;
  readonly reflectivityAt: number;
}

const udp = { head: 32, tail: 32, columnHead: 12, columnTail: 0 };
const RANGE_19 = 0x7ffff;

export const OUSTER_PROFILES: readonly OusterProfile[] = [
  {
    name: "LEGACY",
    head: 0,
    tail: 0,
    columnHead: 16,
    columnTail: 4,
    pixel: 12,
    returns: [{ rangeAt: 0, mask: 0xfffff, unit: 1, reflectivityAt: 4 }],
  },
  {
    name: "RNG19_RFL8_SIG16_NIR16",
    ...udp,
    pixel: 12,
    returns: [{ rangeAt: 0, mask: RANGE_19, unit: 1, reflectivityAt: 4 }],
  },
  {
    name: "RNG19_RFL8_SIG16_NIR16_DUAL",
    ...udp,
    pixel: 16,
    returns: [
      { rangeAt: 0, mask: RANGE_19, unit: 1, reflectivityAt: 3 },
      { rangeAt: 4, mask: RANGE_19, unit: 1, reflectivityAt: 7 },
    ],
  },
  {
    name: "RNG15_RFL8_NIR8",
    ...udp,
    pixel: 4,
    returns: [{ rangeAt: 0, mask: 0x7fff, unit: 8, reflectivityAt: 2 }],
  },
];

/** What an Ouster must tell of itself before its packets mean anything. */
export interface OusterInfo {
  readonly profile: OusterProfile;
  readonly columnsPerFrame: number;
  readonly columnsPerPacket: number;
  readonly pixels: number;
  /** Of each pixel, degrees. */
  readonly altitudes: readonly number[];
  readonly azimuths: readonly number[];
  /** From the axis to where beams begin, mm. */
  readonly beamOrigin: number;
  /** Rows of a 4x4 matrix, mm. */
  readonly lidarToSensor: readonly number[];
}

const MOST_PIXELS = 256, MOST_COLUMNS = 8192, MOST_COLUMNS_A_PACKET = 64;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the sensor's metadata: the flat JSON of old firmware, or that of firmware 3 with its parts.
 * @throws SaccadeError SENSOR_INFO_INVALID
 */
export function readOusterInfo(text: string): OusterInfo {
  const json = parse(text);
  const parts = ["beam_intrinsics", "lidar_intrinsics", "config_params", "sensor_info"].map((name) => objectOf(json[name]) ?? {});
  const all: Fields = Object.assign({}, ...parts, json) as Fields;
  const format = objectOf(json["data_format"]) ?? objectOf(json["lidar_data_format"]) ?? {};
  const numbers = (name: string, length: number): number[] => {
    const list = all[name];
    const flat = Array.isArray(list) ? (list as unknown[]).flat() : [];
    if (flat.length !== length || !flat.every((value) => typeof value === "number" && Number.isFinite(value)))
      throw invalid(`${name} has to be ${length} numbers`);
    return flat as number[];
  };
  const whole = (name: string, most: number): number => {
    const value = format[name];
    if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > most)
      throw invalid(`${name} has to be a whole number from 1 to ${most}`);
    return value;
  };
  const profileName = (format["udp_profile_lidar"] ?? all["udp_profile_lidar"] ?? "LEGACY") as string;
  const profile = OUSTER_PROFILES.find(({ name }) => name === profileName);
  if (profile === undefined)
    throw invalid(`the packet profile ${profileName} is not read, only ${OUSTER_PROFILES.map(({ name }) => name).join(", ")}`);
  const pixels = whole("pixels_per_column", MOST_PIXELS);
  const beamOrigin = all["lidar_origin_to_beam_origin_mm"];
  if (typeof beamOrigin !== "number" || !Number.isFinite(beamOrigin)) throw invalid("lidar_origin_to_beam_origin_mm has to be a number");
  return {
    profile,
    columnsPerFrame: whole("columns_per_frame", MOST_COLUMNS),
    columnsPerPacket: whole("columns_per_packet", MOST_COLUMNS_A_PACKET),
    pixels,
    altitudes: numbers("beam_altitude_angles", pixels),
    azimuths: numbers("beam_azimuth_angles", pixels),
    beamOrigin,
    lidarToSensor: numbers("lidar_to_sensor_transform", 16),
  };
}

export function ousterPacketBytes({ profile, pixels, columnsPerPacket }: OusterInfo): number {
  const { head, tail, columnHead, columnTail, pixel } = profile;
  return head + columnsPerPacket * (columnHead + pixels * pixel + columnTail) + tail;
}

function parse(text: string): Fields {
  try {
    const json = objectOf(JSON.parse(text));
    if (json !== undefined) return json;
  } catch (cause) {
    throw invalid("it is no JSON", cause);
  }
  throw invalid("it is no JSON object");
}

const objectOf = (value: unknown): Fields | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

function invalid(what: string, cause?: unknown): SaccadeError {
  return new SaccadeError(
    "SENSOR_INFO_INVALID",
    `the Ouster's metadata cannot be used: ${what}`,
    "save it again from the sensor (GET /api/v1/sensor/metadata)",
    { cause },
  );
}
