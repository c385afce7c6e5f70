/** Most slots that wait in one ring: an entry names its slot in 8 bits. */
export const MAX_DEPTH = 250;
/** Slots beside those that wait: one is being written, one is being read. */
const SPARE = 2;
/** An entry is `sequence:22 | slot + 1:8`, 0 when empty. */
const SLOT_BITS = 8, SLOT_MASK = 0xff, SEQUENCE_MASK = 0x3fffff;
/** Slots begin on this boundary, so that any typed view fits. */
const SLOT_ALIGN = 64;

/** The memory of one ring: plain data, so that it can be posted to another thread. */
export interface RingMemory {
  readonly depth: number;
  readonly slotBytes: number;
  /** i32: `depth` entries, then the list of slots that the reader has given back, `depth + 2` words, written round and round. */
  readonly words: SharedArrayBuffer;
  /** `depth + 2` slots of `slotBytes` each. */
  readonly slots: SharedArrayBuffer;
}

/** @param depth 1..MAX_DEPTH messages that may wait  @param slotBytes of one message, rounded up to SLOT_ALIGN */
export function createRing(depth: number, slotBytes: number): RingMemory {
  if (!Number.isInteger(depth) || depth < 1 || depth > MAX_DEPTH) throw new RangeError(`a ring of ${depth} slots`);
  const stride = Math.ceil(slotBytes / SLOT_ALIGN) * SLOT_ALIGN;
  const count = depth + SPARE;
  return {
    depth,
    slotBytes: stride,
    words: new SharedArrayBuffer((depth + count) * 4),
    slots: new SharedArrayBuffer(count * stride),
  };
}

/** One typed view, or a set of them, of each slot. */
export function slotViews<V>({ depth, slotBytes, slots }: RingMemory, view: (buffer: SharedArrayBuffer, at: number) => V): V[] {
  return Array.from({ length: depth + SPARE }, (_, slot) => view(slots, slot * slotBytes));
}

/**
 * The writing end of a bounded queue between two threads: one writer, one reader, no locks. Message n stands in entry n mod depth.
 * The entries hold only the numbers of slots and are exchanged as a whole: so the writer may take back the oldest message that waits,
 * and the reader can never see half of one. It wakes nobody: that is the caller's bell.
 */
export class RingWriter {
  /** The slot to fill before `put`. */
  slot = 0;
  readonly #words: Int32Array;
  readonly #depth: number;
  /** Number of the next message. */
  #next = 0;
  #reused = 0;
  /** Slots that have never been used. */
  #fresh = 1;

  constructor({ depth, words }: RingMemory) {
    this.#words = new Int32Array(words);
    this.#depth = depth;
  }

  /** Whether the next `put` would overwrite a message that waits. */
  get full(): boolean {
    return Atomics.load(this.#words, this.#next % this.#depth) !== 0;
  }

  /**
   * Hands the filled slot over; `slot` is another one afterwards.
   * @returns the number of the message that had to go to make room: the oldest that waited, or −1
   */
  put(): number {
    const entry = this.#next % this.#depth;
    const old = Atomics.exchange(this.#words, entry, ((this.#next & SEQUENCE_MASK) << SLOT_BITS) | (this.slot + 1));
    this.#next++;
    if (old === 0) {
      this.slot = this.#freeSlot();
      return -1;
    }
    this.slot = (old & SLOT_MASK) - 1;
    return this.#next - 1 - this.#depth;
  }

  /** Takes back all that waits, oldest first: for a reader that is no more. @returns their slots */
  takeBack(): number[] {
    const entries = Array.from({ length: this.#depth }, (_, i) => Atomics.exchange(this.#words, (this.#next + i) % this.#depth, 0));
    return entries.filter(entry => entry !== 0).map(entry => (entry & SLOT_MASK) - 1);
  }

  /** At most `depth` slots wait and the reader holds one, which it gives back before it takes the next: one is always free. */
  #freeSlot(): number {
    if (this.#fresh < this.#depth + SPARE) return this.#fresh++;
    const slot = Atomics.load(this.#words, this.#depth + (this.#reused % (this.#depth + SPARE)));
    this.#reused++;
    return slot;
  }
}

/** The reading end. */
export class RingReader {
  readonly #words: Int32Array;
  readonly #depth: number;
  #next = 0;
  #held = -1;
  #givenBack = 0;

  constructor({ depth, words }: RingMemory) {
    this.#words = new Int32Array(words);
    this.#depth = depth;
  }

  /** Whether nothing waits at this moment. */
  get empty(): boolean {
    return Atomics.load(this.#words, this.#next % this.#depth) === 0;
  }

  /** Takes the oldest message; it is the reader's until `release`. @returns its slot, or −1 when nothing waits */
  take(): number {
    for (;;) {
      const entry = this.#next % this.#depth;
      const found = Atomics.load(this.#words, entry);
      if (found === 0) return -1;
      // Another number than awaited: that message was overwritten by one a whole turn later.
      if (found >>> SLOT_BITS !== (this.#next & SEQUENCE_MASK)) this.#next++;
      else if (Atomics.compareExchange(this.#words, entry, found, 0) === found) {
        this.#next++;
        this.#held = (found & SLOT_MASK) - 1;
        return this.#held;
      }
    }
  }

  /** Gives the slot that was taken back to the writer. */
  release(): void {
    Atomics.store(this.#words, this.#depth + (this.#givenBack % (this.#depth + SPARE)), this.#held);
    this.#givenBack++;
    this.#held = -1;
  }
}
