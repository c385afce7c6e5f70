import { SaccadeError } from "../../errors.js";
import type { PointDecoder } from "../../types.js";
import { hesaiDecoder, isHesai } from "./hesai.js";
import { readHesaiCalibration } from "./hesai-calibration.js";
import { hokuyoDecoder } from "./hokuyo.js";
import { LD_MODELS, ldDecoder, type LdModel } from "./ld06.js";
import { isLivox, livoxDecoder } from "./livox.js";
import { ousterDecoder } from "./ouster.js";
import { ousterPacketBytes, readOusterInfo } from "./ouster-info.js";
import { RPLIDAR_MODES, RplidarDecoder } from "./rplidar.js";
import { tfminiDecoder } from "./tfmini.js";
import { isVelodyne, velodyneDecoder } from "./velodyne.js";
import { ydlidarDecoder } from "./ydlidar.js";

export interface PointOptions {
  /** Bits a second of a serial line, for times: see `PointDecoder`. */
  readonly baud?: number | undefined;
  /** What the sensor says of itself: of an Ouster its metadata, JSON; of a Hesai its angle correction, CSV. */
  readonly sensorInfo?: string | undefined;
}

export interface SensorInfoFile {
  readonly extension: string;
  readonly holds: string;
}

/** How a LiDAR speaks. */
export interface PointFormat {
  readonly name: string;
  readonly title: string;
  /** How it comes: chunks cut anywhere, or one datagram a push. */
  readonly transport: "serial" | "udp";
  /** How a file of what the sensor says of itself is recognised: its extension, and words that it holds. */
  readonly info?: SensorInfoFile;
  /** @throws SaccadeError SENSOR_INFO_MISSING, SENSOR_INFO_INVALID */
  create(options: PointOptions): PointDecoder;
  /** Whether a datagram is of this sensor. */
  recognise?(packet: DataView, port: number, options: PointOptions): boolean;
}

/** Ouster's usual port: its packets have no mark of their own. */
const OUSTER_PORT = 7502;
const OUSTER_INFO: SensorInfoFile = { extension: ".json", holds: "beam_altitude_angles" };

const ld = (name: LdModel, title: string): PointFormat => ({
  name,
  title: `${title}, ${LD_MODELS[name].rate} points a second`,
  transport: "serial",
  create: (options) => ldDecoder(name, options),
});

export const POINT_FORMATS: readonly PointFormat[] = [
  ld("ld06", "LDROBOT LD06, LD19"),
  ld("stl06p", "LDROBOT STL-06P, STL-26"),
  ld("stl27l", "LDROBOT STL-27L"),
  {
    name: "rplidar",
    title: "SLAMTEC RPLIDAR, from the answer that says how it measures",
    transport: "serial",
    create: (options) => new RplidarDecoder(undefined, options),
  },
  ...RPLIDAR_MODES.map(
    (mode): PointFormat => ({
      name: `rplidar-${mode}`,
      title: `SLAMTEC RPLIDAR, ${mode} measurements from the start`,
      transport: "serial",
      create: (options) => new RplidarDecoder(mode, options),
    }),
  ),
  { name: "ydlidar", title: "YDLIDAR X2, X4, G1: distances", transport: "serial", create: (options) => ydlidarDecoder("ydlidar", options) },
  {
    name: "ydlidar-intensity",
    title: "YDLIDAR G2, G4C, S4: intensities and distances",
    transport: "serial",
    create: (options) => ydlidarDecoder("ydlidar-intensity", options),
  },
  {
    name: "ydlidar-tof",
    title: "YDLIDAR TG, TX: by time of flight",
    transport: "serial",
    create: (options) => ydlidarDecoder("ydlidar-tof", options),
  },
  { name: "tfmini", title: "Benewake TFmini, TF-Luna, in cm", transport: "serial", create: (options) => tfminiDecoder("tfmini", options) },
  {
    name: "tfmini-mm",
    title: "Benewake TFmini, TF-Luna, in mm",
    transport: "serial",
    create: (options) => tfminiDecoder("tfmini-mm", options),
  },
  { name: "hokuyo", title: "Hokuyo, SCIP 2.0", transport: "serial", create: (options) => hokuyoDecoder(options) },
  {
    name: "velodyne",
    title: "Velodyne HDL-32E, VLP-16, VLP-16 Hi-Res, VLP-32C",
    transport: "udp",
    create: () => velodyneDecoder(),
    recognise: (packet) => isVelodyne(packet),
  },
  {
    name: "hesai",
    title: "Hesai XT16, XT32, XT32M2X",
    transport: "udp",
    info: { extension: ".csv", holds: "Elevation" },
    create: ({ sensorInfo }) => hesaiDecoder(sensorInfo === undefined ? undefined : readHesaiCalibration(sensorInfo)),
    recognise: (packet) => isHesai(packet),
  },
  {
    name: "ouster",
    title: "Ouster OS0, OS1, OS2, with their metadata",
    transport: "udp",
    info: OUSTER_INFO,
    create: ({ sensorInfo }) => {
      if (sensorInfo === undefined)
        throw new SaccadeError(
          "SENSOR_INFO_MISSING",
          "an Ouster's packets mean nothing without its metadata",
          "name the JSON file with --sensor-info, or put it beside the capture under the same name",
        );
      return ousterDecoder(readOusterInfo(sensorInfo));
    },
    recognise: (packet, port, { sensorInfo }) =>
      sensorInfo === undefined || !sensorInfo.includes(OUSTER_INFO.holds)
        ? port === OUSTER_PORT
        : packet.byteLength === ousterPacketBytes(readOusterInfo(sensorInfo)),
  },
  {
    name: "livox",
    title: "Livox Mid-360, HAP",
    transport: "udp",
    create: () => livoxDecoder(),
    recognise: (packet) => isLivox(packet),
  },
];

export const POINT_FORMAT_NAMES: readonly string[] = POINT_FORMATS.map(({ name }) => name);

export const pointFormat = (name: string): PointFormat | undefined => POINT_FORMATS.find((format) => format.name === name);

/** @throws SaccadeError FORMAT_UNKNOWN, SENSOR_INFO_MISSING, SENSOR_INFO_INVALID */
export function createPointDecoder(name: string, options: PointOptions = {}): PointDecoder {
  const format = pointFormat(name);
  if (format === undefined)
    throw new SaccadeError("FORMAT_UNKNOWN", `"${name}" is no format of points`, `choose one of ${POINT_FORMAT_NAMES.join(" ")}`);
  return format.create(options);
}

/** The format of a datagram, when one and only one fits. */
export function recogniseDatagram(payload: Uint8Array, port: number, options: PointOptions): PointFormat | undefined {
  const packet = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const fitting = POINT_FORMATS.filter((format) => format.recognise?.(packet, port, options));
  return fitting.length === 1 ? fitting[0] : undefined;
}
