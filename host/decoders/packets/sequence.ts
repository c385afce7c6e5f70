import type { Drops } from "../../types.js";
import { drop } from "../drops.js";
import { SequenceCheck } from "../points/packets.js";
import { SEQUENCE_RANGE } from "./raw-packet.js";

/** Counts packets that are missing by their numbers, and tells one that came twice, as QoS 1 allows. */
export class PacketSequence {
  readonly #missing: SequenceCheck;
  #last = -1;

  constructor(readonly drops: Drops) {
    this.#missing = new SequenceCheck(drops, SEQUENCE_RANGE);
  }

  /** @returns whether the packet is to be read */
  isNew(sequence: number): boolean {
    if (sequence === this.#last) {
      drop(this.drops, "frame_repeated");
      return false;
    }
    this.#missing.see(sequence);
    this.#last = sequence;
    return true;
  }
}
