import { SaccadeError } from "../../errors.js";
import type { Drops, Micros, SensorSize } from "../../types.js";
import { drop } from "../drops.js";
import { readRawPacket } from "./raw-packet.js";
import { PacketSequence } from "./sequence.js";

/** A decoder of events or of points. */
interface InnerDecoder<Batch> {
  readonly format: string;
  readonly size?: SensorSize | undefined;
  readonly drops: Drops;
  push(chunk: Uint8Array, arrival?: Micros): Iterable<Batch>;
  end(): Iterable<Batch>;
}

/**
 * A sensor's own bytes in CBOR (raw-vendor of docs/messages.cddl), pushed on to the decoder of their format: one packet a push. The bytes of
 * packets that follow each other are one stream, cut anywhere; they arrived at the packet's t0. Packets of other formats are counted
 * as `other_stream`. What the inner decoder cannot go on from is counted as `bad_frame`, and it begins anew.
 */
export class RawVendorDecoder<Batch> {
  readonly drops: Drops = {};
  readonly #sequence = new PacketSequence(this.drops);
  #inner: InnerDecoder<Batch>;
  /** Drops of the inner decoders, as far as they are in `drops`. */
  #counted: Drops = {};
  #pushed = false;

  /** @param make  the decoder of the format that the packets name */
  constructor(readonly make: () => InnerDecoder<Batch>) {
    this.#inner = make();
  }

  get format(): string {
    return this.#inner.format;
  }

  get size(): SensorSize | undefined {
    return this.#inner.size;
  }

  *push(bytes: Uint8Array): Generator<Batch> {
    const packet = readRawPacket(bytes);
    if (typeof packet === "string") return drop(this.drops, packet);
    if (packet.kind !== "vendor" || packet.format !== this.format) return drop(this.drops, "other_stream");
    if (!this.#sequence.isNew(packet.seq)) return;
    this.#pushed = true;
    yield* this.#guarded((inner) => inner.push(packet.bytes, packet.t0));
  }

  *end(): Generator<Batch> {
    if (this.#pushed) yield* this.#guarded((inner) => inner.end());
  }

  /** Bytes that are no such recording at all make a decoder of files throw; a source goes on. */
  *#guarded(read: (inner: InnerDecoder<Batch>) => Iterable<Batch>): Generator<Batch> {
    try {
      yield* read(this.#inner);
      this.#count();
    } catch (error) {
      if (!(error instanceof SaccadeError)) throw error;
      this.#count();
      drop(this.drops, "bad_frame");
      this.#inner = this.make();
      this.#counted = {};
    }
  }

  #count(): void {
    for (const [reason, amount] of Object.entries(this.#inner.drops)) {
      this.drops[reason] = (this.drops[reason] ?? 0) + amount - (this.#counted[reason] ?? 0);
      this.#counted[reason] = amount;
    }
  }
}
