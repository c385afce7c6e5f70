import type { SensorSize } from "../types.js";

/** What `saccade run` is told, checked and complete: defaults are filled in, paths are absolute, secrets are read. */
export interface Config {
  readonly gateway: string;
  /** Without a broker messages are printed, one a line. */
  readonly mqtt: BrokerConfig | undefined;
  /** By the name that sources call them by. */
  readonly models: ReadonlyMap<string, ModelConfig>;
  /** By name, as topics have it. */
  readonly sources: ReadonlyMap<string, SourceConfig>;
  /** Where the gateway keeps what outlives it: the count of its starts. */
  readonly stateFolder: string;
}

export interface BrokerConfig {
  readonly url: string;
  readonly base: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly clientId: string | undefined;
  /** Whether events are published as CBOR too. */
  readonly cbor: boolean;
  /** Events held while the broker is away. */
  readonly queueLimit: number;
  readonly expirySeconds: number;
}

export interface ModelConfig {
  /** A package's path, or its name in the zoo. */
  readonly package: string;
  /** Threads; 0: in line with decoding. */
  readonly workers: number;
}

export interface SourceConfig {
  readonly input: InputConfig;
  /** A format of events or points by name; "auto": found in the first bytes. */
  readonly format: string;
  /** For formats that do not tell it. */
  readonly size: SensorSize | undefined;
  /** Names in `Config.models`; none: the source is decoded, counted and perhaps recorded. */
  readonly models: readonly string[];
  /** Models that run on the device itself, in its order, by their names in `Config.models`: its results become messages. */
  readonly results: readonly string[];
  /** What a full queue does with more. */
  readonly overload: OverloadPolicy;
  /** Without bytes for this long it has stalled, and is opened anew after as long again. Infinity: silence is fine. */
  readonly stallMillis: number;
  readonly denoise: DenoiseConfig;
  /** Folder for raw recordings of this source, or none. */
  readonly record: string | undefined;
  /** Calibration of LiDARs that need one (Ouster's metadata, Hesai's table): a file's path. */
  readonly sensorInfo: string | undefined;
}

export type OverloadPolicy = "drop-oldest" | "drop-newest" | "decimate" | "block";

export type InputConfig = SerialInput | UdpInput | MqttInput | FileInput;

export interface SerialInput {
  readonly kind: "serial";
  /** A path, the name below /dev/serial/by-id, or usb:VID:PID[:SERIAL]. */
  readonly port: string;
  readonly baudRate: number;
  readonly rtscts: boolean;
}

export interface UdpInput {
  readonly kind: "udp";
  /** The local address to listen on. */
  readonly address: string;
  readonly port: number;
  /** Takes datagrams of this sender only. */
  readonly from: string | undefined;
  /** A multicast group to join. */
  readonly group: string | undefined;
}

/** Raw sensor packets by MQTT, in CBOR (docs/messages.cddl). */
export interface MqttInput {
  readonly kind: "mqtt";
  readonly topic: string;
}

export interface FileInput {
  readonly kind: "file";
  readonly path: string;
  /** "real": at the pace at which it was recorded. */
  readonly speed: "real" | "max";
}

/** Filters of events, in integers; what is undefined is off. */
export interface DenoiseConfig {
  /** An event without a neighbour's within so many µs is background activity. */
  readonly backgroundActivityMicros: number | undefined;
  /** A pixel's events this soon, µs, after one that passed are dropped. */
  readonly refractoryMicros: number | undefined;
  /** A pixel with more events a second than this, sustained, is hot and muted. */
  readonly hotPixelRate: number | undefined;
}
