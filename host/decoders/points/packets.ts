import type { Drops, Micros, PointDecoder, Points } from "../../types.js";
import { drop } from "../drops.js";
import { PointBatch } from "./batch.js";

/** How the packets of one sensor are read. One object reads one stream; it holds all state between packets. */
export interface PacketReader {
  readonly format: string;
  /** No packet gives more points. */
  readonly mostPoints: number;
  /**
   * Reads a packet if it is one of this sensor's points.
   * @param arrival when it came, if that is known
   * @returns whether it is
   */
  read(packet: DataView, batch: PointBatch, arrival: Micros | undefined): boolean;
}

/** A UDP payload is not longer. */
const MOST_BYTES = 65535;

/** Datagrams to points: one a push. What is no packet of the sensor is counted as `other_stream`. */
export class PacketPointDecoder implements PointDecoder {
  readonly #batch: PointBatch;

  constructor(
    readonly reader: PacketReader,
    readonly drops: Drops,
  ) {
    this.#batch = new PointBatch(reader.mostPoints);
  }

  get format(): string {
    return this.reader.format;
  }

  *push(datagram: Uint8Array, arrival?: Micros): Generator<Points> {
    const packet = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    if (datagram.length > MOST_BYTES || !this.reader.read(packet, this.#batch, arrival)) drop(this.drops, "other_stream");
    yield* this.#batch.take();
  }

  *end(): Generator<Points> {}
}

/** Counts packets that are missing between two by the sensor's own number, which wraps at `range`. */
export class SequenceCheck {
  #last = -1;

  /** @param most a greater gap is a new beginning, not a loss */
  constructor(
    readonly drops: Drops,
    readonly range: number,
    readonly most = 10_000,
  ) {}

  see(sequence: number): void {
    const missing = (sequence - this.#last - 1 + this.range) % this.range;
    if (this.#last >= 0 && missing <= this.most) drop(this.drops, "missing_packet", missing);
    this.#last = sequence;
  }
}
