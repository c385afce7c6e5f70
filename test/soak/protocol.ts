/** What goes between the check and a device's process. */
export type Kind = "edvs" | "ld19" | "bridge";

export interface Orders {
  readonly kind: Kind;
  /** The device's end of the cable. */
  readonly path: string;
  readonly seconds: number;
  /** Chance that a bit is flipped. */
  readonly bitErrors: number;
}

/** What a device sent, in its own count. */
export interface Sent {
  readonly bytes: number;
  /** Events, frames of points, frames of the bridge. */
  readonly frames: number;
  /** Those with a flipped bit; of them, those before the first and after the last that have none. */
  readonly hit: number;
  readonly hitAtEnds: number;
  /** Events or points, and a digest of each column; the digests of points are of their frames' bytes. */
  readonly items: number;
  readonly digest: string;
  /** What the device itself had to drop. */
  readonly dropped: number;
  /** How far it was behind its line's clock at worst, ms. */
  readonly behindMillis: number;
  readonly bytesPerSecond: number;
}

/** The wire's bytes a second, as a UART of 10 bits a byte has them. */
export const BAUD: Readonly<Record<Kind, number>> = { edvs: 12_000_000, ld19: 230_400, bridge: 1_000_000 };
export const EDVS_START = "!E2\nE+\n";
