import { FrameKind } from "../../assembly/abi.js";
import type { Drops, Inference, Window } from "../types.js";
import type { Engine } from "./engine.js";
import type { StreamRings } from "./pool-protocol.js";
import { createRing, MAX_DEPTH, RingReader, RingWriter } from "./ring.js";
import { resultBytes, resultSlots, windowBytes, windowSlots, type MessageSizes, type ResultSlot, type WindowSlot } from "./slots.js";
import { frameWindow, type Left } from "./window.js";

export interface PoolStreamOptions {
  /** A full ring: "wait" (default, for recordings: `put` resolves when there is room) or "drop-oldest" (for live sensors). */
  readonly whenFull?: "wait" | "drop-oldest";
  /** "reset": each window begins from rest. Default "keep". */
  readonly state?: "keep" | "reset";
  /** Windows come in parts, so that more messages wait. Default false. */
  readonly inParts?: boolean;
}

/** A window's inference, and what its frames left out. */
export interface PoolResult extends Inference, Left {}

/** A window that the engine has, or that waits for it. */
interface UnderWay {
  /** Of the stream's windows, i32. */
  readonly number: number;
  readonly window: Inference["window"] & { events: number };
  /** Its messages in the ring, one for each part so far. */
  first: number;
  last: number;
  /** ms, when it was closed; not yet when only parts of it have come. */
  closedAt: number | undefined;
}

/** What a stream needs of the thread that it sticks to. */
export interface Seat {
  /** Says that windows wait. */
  ring(): void;
  /** Adds to what the thread is known to have done, µs. */
  worked(micros: number): void;
  reset(): void;
  save(): Promise<Uint8Array>;
  restore(state: Uint8Array): Promise<void>;
  close(): void;
}

/**
 * One sensor's stream in a pool: windows in by `put`, results out by `results`, in their order.
 *
 * Counted in `drops`:
 *   engine_busy  windows that had to make room, the oldest first, because the engine or what takes its results did not keep up
 *   engine_lost  windows that were in an engine's thread when it died
 *   state_lost   times that what the stream remembered died with its thread: it went on from rest
 */
export class PoolStream {
  readonly drops: Drops = {};
  readonly #sizes: MessageSizes;
  /** Messages that may wait. */
  readonly #depth: number;
  readonly #framer: Engine;
  readonly #seat: Seat;
  readonly #waits: boolean;
  readonly #fromRest: boolean;
  #rings!: StreamRings;
  #writer!: RingWriter;
  #reader!: RingReader;
  #windowSlots!: WindowSlot[];
  #resultSlots!: ResultSlot[];
  /** Numbers of the ring's next message and of the latest window. */
  #next = 0;
  #number = -1;
  #underWay: UnderWay[] = [];
  #done: PoolResult[] = [];
  #finished = false;
  #closed = false;
  #remembers = false;
  #watchers: (() => void)[] = [];

  /** @param framer an engine on this thread with the same package, for windows of more events than a slot holds, and frames of points */
  constructor(sizes: MessageSizes, depth: number, framer: Engine, seat: Seat, options: PoolStreamOptions) {
    this.#sizes = sizes;
    this.#depth = Math.min(options.inParts ? depth * sizes.timesteps : depth, MAX_DEPTH);
    this.#framer = framer;
    this.#seat = seat;
    this.#waits = options.whenFull !== "drop-oldest";
    this.#fromRest = options.state === "reset";
    this.#makeRings();
  }

  get rings(): StreamRings {
    return this.#rings;
  }
  /** Windows without a result. */
  get underWay(): number {
    return this.#underWay.length;
  }

  /** Takes a window, or a part of one, by copy. Resolves when the next may come. @returns false when the stream was closed and takes no more */
  async put(window: Window): Promise<boolean> {
    const closedAt = performance.now();
    this.drain();
    // Results that nobody has fetched count too, so that nothing grows when what follows is slower than the engine.
    if (this.#waits) while (!this.#closed && (this.#writer.full || this.#done.length >= this.#depth)) await this.#changed();
    if (this.#closed) return false;
    if ((window.part?.firstSlice ?? 0) === 0) this.#begin(window);
    const own = this.#underWay.at(-1);
    // Of a window that was dropped no more parts are sent.
    if (own?.number === this.#number) this.#write(window, own, closedAt);
    return true;
  }

  /** No more windows: `results` ends after the last one's. */
  finish(): void {
    this.#finished = true;
    this.#wake();
  }

  /** @yields the results in the order of their windows */
  async *results(): AsyncGenerator<PoolResult> {
    for (;;) {
      this.drain();
      const result = this.#done.shift();
      if (result !== undefined) {
        // A place has become free in front.
        this.#wake();
        yield result;
      } else if (this.#finished && this.#underWay.length === 0) return;
      else await this.#changed();
    }
  }

  /** All state to zero, after the windows that have been put. */
  async reset(): Promise<void> {
    await this.#idle();
    this.#seat.reset();
    this.#remembers = false;
  }

  /** A copy of what the stream remembers after the windows that have been put. @throws SaccadeError ENGINE_LOST */
  async save(): Promise<Uint8Array> {
    await this.#idle();
    return this.#seat.save();
  }

  /** Takes over what `save` gave, of the same package. @throws SaccadeError STATE_REFUSED, ENGINE_LOST */
  async restore(state: Uint8Array): Promise<void> {
    await this.#idle();
    await this.#seat.restore(state);
    this.#remembers = true;
  }

  /** Frees its place. What is under way is not waited for. */
  close(): void {
    this.#closed = true;
    this.#underWay = [];
    this.finish();
    this.#seat.close();
  }

  /** Takes the results that have come. @returns whether there were any */
  drain(): boolean {
    if (this.#closed) return false;
    let came = 0;
    for (let slot = this.#reader.take(); slot >= 0; slot = this.#reader.take()) {
      const { number, left, micros, logits } = this.#resultSlots[slot]!.read();
      this.#reader.release();
      const under = this.#underWay.shift();
      if (under?.number !== number) throw new Error(`the result of window ${number} came in place of ${under?.number}`);
      const latencyMicros = Math.round((performance.now() - under.closedAt!) * 1000);
      this.#done.push({ window: under.window, logits, inferMicros: Math.round(micros), latencyMicros, ...left });
      this.#seat.worked(micros);
      came++;
    }
    if (came > 0) this.#wake();
    if (!this.#waits) this.#drop("engine_busy", this.#done.splice(0, Math.max(this.#done.length - this.#depth, 0)).length);
    return came > 0;
  }

  /**
   * The thread died: what it had in hand is lost, what waited goes into new rings, for the old ones may be in any condition.
   * @returns whether it remembered anything
   */
  moveOver(): boolean {
    this.drain();
    const [writer, old] = [this.#writer, this.#windowSlots];
    const waiting = writer.takeBack().map(slot => old[slot]!);
    // A window of which parts are missing cannot go on.
    const whole = waiting.findIndex(({ head }) => head.firstSlice === 0);
    const kept = whole < 0 ? this.#underWay.length : this.#underWay.findIndex(({ number }) => number === waiting[whole]!.head.window);
    this.#drop("engine_lost", kept);
    this.#underWay.splice(0, kept);
    this.#makeRings();
    if (whole >= 0) for (const slot of waiting.slice(whole)) this.#copyOver(slot);
    const lost = this.#remembers;
    if (lost) this.#drop("state_lost", 1);
    this.#remembers = false;
    this.#wake();
    return lost;
  }

  #copyOver(old: WindowSlot): void {
    const { window, firstSlice } = old.head;
    const under = this.#underWay.find(({ number }) => number === window);
    if (under !== undefined) under.last = this.#next;
    if (under !== undefined && firstSlice === 0) under.first = this.#next;
    this.#windowSlots[this.#writer.slot]!.copy(old);
    this.#next++;
    this.#writer.put();
  }

  #makeRings(): void {
    const windows = createRing(this.#depth, windowBytes(this.#sizes));
    // Results of all that wait, of the one in hand, and of one that was put since the last drain: it is never full.
    const results = createRing(this.#depth + 2, resultBytes(this.#sizes));
    this.#rings = { windows, results };
    this.#writer = new RingWriter(windows);
    this.#reader = new RingReader(results);
    this.#windowSlots = windowSlots(windows, this.#sizes);
    this.#resultSlots = resultSlots(results, this.#sizes);
    this.#next = 0;
  }

  #begin({ index, restarts, start, end }: Window): void {
    this.#number = (this.#number + 1) | 0;
    const window = { index, restarts, start, end, events: 0 };
    this.#underWay.push({ number: this.#number, window, first: this.#next, last: this.#next, closedAt: undefined });
  }

  #write({ restarts, events, sliceEnds, part }: Window, under: UnderWay, closedAt: number): void {
    const slot = this.#windowSlots[this.#writer.slot]!;
    const firstSlice = part?.firstSlice ?? 0;
    slot.writeHead({ window: under.number, firstSlice, slices: sliceEnds.length, fromRest: this.#fromRest, restarts });
    if (slot.fits(events.count) && this.#framer.frameKind !== FrameKind.Points) slot.writeEvents(events, sliceEnds);
    else slot.writeFramed(frameWindow(this.#framer, this.#framer.stream(), events, sliceEnds, slot.frames));
    under.last = this.#next++;
    under.window.events += events.count;
    if (part?.last ?? true) under.closedAt = closedAt;
    const gone = this.#writer.put();
    if (gone >= 0) this.#dropWindowOf(gone);
    if (!this.#fromRest) this.#remembers = true;
    this.#seat.ring();
  }

  /** A message had to go, and with it its window, if it has not gone with an earlier one. */
  #dropWindowOf(message: number): void {
    const at = this.#underWay.findIndex(({ first, last }) => first <= message && message <= last);
    if (at < 0) return;
    this.#underWay.splice(at, 1);
    this.#drop("engine_busy", 1);
  }

  async #idle(): Promise<void> {
    while (this.#underWay.length > 0) await this.#changed();
  }

  /** Resolves at the next result, place or end: look again then. */
  #changed(): Promise<void> {
    return new Promise(resolve => this.#watchers.push(resolve));
  }

  #wake(): void {
    for (const call of this.#watchers.splice(0)) call();
  }

  #drop(reason: string, count: number): void {
    if (count > 0) this.drops[reason] = (this.drops[reason] ?? 0) + count;
  }
}
