/** What a file holds once it fits the schema: defaults that the schema states are filled in. Paths and durations are as written. */
export interface RawConfig {
  readonly gateway: string;
  readonly mqtt?: RawBroker;
  readonly models: Readonly<Record<string, string | RawModel>>;
  readonly sources: Readonly<Record<string, RawSource>>;
  readonly "state-folder"?: string;
}

export interface RawBroker {
  readonly url: string;
  readonly base: string;
  readonly username?: string;
  readonly password?: RawSecret;
  readonly "client-id"?: string;
  readonly cbor: boolean;
  readonly queue: number;
  readonly expiry: string;
}

export type RawSecret = string | { readonly file?: string; readonly env?: string };

export interface RawModel {
  readonly package: string;
  readonly workers: number;
}

export interface RawSource {
  readonly serial?: { readonly port: string; readonly baud?: number; readonly rtscts: boolean };
  readonly udp?: { readonly port: number; readonly address: string; readonly from?: string; readonly group?: string };
  readonly mqtt?: { readonly topic?: string };
  readonly file?: { readonly path: string; readonly speed: "real" | "max" };
  readonly format: string;
  readonly size?: string;
  readonly models: readonly string[];
  readonly results: readonly string[];
  readonly overload?: "drop-oldest" | "drop-newest" | "decimate" | "block";
  readonly "stall-after": string;
  readonly denoise?: {
    readonly "background-activity"?: string;
    readonly refractory?: string;
    readonly "hot-pixels"?: number;
  };
  readonly record?: string;
  readonly "sensor-info"?: string;
}

