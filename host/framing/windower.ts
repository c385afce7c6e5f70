import { SaccadeError } from "../errors.js";
import type { Drops, Events, Framing, Micros, Window } from "../types.js";
import { EventBuffer } from "./event-buffer.js";
import { firstAtOrAfter, sliceByCount, sliceByTime, sliceStart } from "./slices.js";

/** After so long a silence there are no windows until the next event; a fall of the clock by more has begun it anew: 10 s. */
export const GAP_MICROS = 10_000_000;

/**
 * Events to windows. The same events give the same windows however they are cut into batches, unless a clock closes some (`tick`).
 *
 *   time   a grid of [t0 + k·W, t0 + (k+1)·W) from the first event's t0; silent windows are windows too, until one ends more than GAP_MICROS
 *          after the latest event: then the next event begins a grid of its own
 *   count  N events, at the latest maxLatencyMicros after the first of them
 *   mixed  N events, or windowMicros or maxLatencyMicros after the first of them, whichever comes first
 *
 * A window that closes by its count ends 1 µs after its last event. Slices are of equal time, for `count` of equal count.
 * Windows and their arrays are reused: they are valid until the generator that gave them is resumed.
 *
 * An event that is older than those before it, by no more than GAP_MICROS, is kept and gets their time.
 *
 * Counted in `drops`:
 *   time_backwards   events that were moved up to the latest time before them
 *   late             events that came after the clock had closed their window: moved up into the next
 *   clock_restarts   times that the clock fell by more than GAP_MICROS: the open window closes, windows begin anew
 *   gap_windows      silent windows that were not given, because the silence had lasted for GAP_MICROS
 *   window_overflow  events beyond MAX_WINDOW_EVENTS of one window
 */
export class Windower {
  readonly drops: Drops = {};
  readonly #held = new EventBuffer();
  #moved: EventBuffer | undefined;
  readonly #sliceEnds: Uint32Array;
  readonly #inParts: boolean;
  readonly #byGrid: boolean;
  readonly #byCount: boolean;
  readonly #span: Micros;
  readonly #most: number;
  #open = false;
  #start: Micros = 0;
  /** Time of the newest event. */
  #newest: Micros = -Infinity;
  /** No event may be earlier: the newest, or the end of what the clock has closed. */
  #floor: Micros = -Infinity;
  /** Where the grid was left in a long silence. */
  #silentFrom: Micros | undefined;
  #index = 0;
  /** Of the open window, what went in parts. */
  #slicesGiven = 0;
  #eventsGiven = 0;

  /**
   * @param inParts gives the slices of a `time` window as they end, in parts, for the engine to run before the window is over
   * @throws PACKAGE_REFUSED when the framing lacks the numbers that its kind needs.
   */
  constructor(framing: Framing, inParts = false) {
    const { kind, windowMicros = Infinity, windowEvents = Infinity, maxLatencyMicros = Infinity } = framing;
    this.#byGrid = kind === "time";
    this.#byCount = kind === "count";
    this.#span = kind === "time" ? windowMicros : kind === "count" ? maxLatencyMicros : Math.min(windowMicros, maxLatencyMicros);
    this.#most = kind === "time" ? Infinity : windowEvents;
    const spanWanted = kind !== "count" || framing.maxLatencyMicros !== undefined;
    if (spanWanted && !isPositiveInteger(this.#span)) throw refused(kind, "a window length of whole µs");
    if (kind !== "time" && !isPositiveInteger(this.#most)) throw refused(kind, "a whole number of events");
    if (!isPositiveInteger(framing.timesteps)) throw refused(kind, "one timestep or more");
    this.#sliceEnds = new Uint32Array(framing.timesteps);
    this.#inParts = inParts && kind === "time";
  }

  /** When the open window, or the next part of it, will be over, whatever comes; Infinity when none is or only events close it. */
  get deadline(): Micros {
    if (!this.#open) return Infinity;
    return this.#inParts ? this.#sliceStart(this.#slicesGiven + 1) : this.#start + this.#span;
  }

  *push(events: Events): Generator<Window> {
    const { t, count } = events;
    let from = 0;
    while (from < count) {
      const floor = this.#floor;
      if (floor - t[from]! > GAP_MICROS) {
        yield* this.end();
        this.#drop("clock_restarts", 1);
      }
      const moved = t[from]! < this.#floor;
      const to = moved ? endOfFall(t, from, count, floor) : endOfRun(t, from, count);
      if (moved) yield* this.#take(this.#moveUp(events, from, to), 0, to - from);
      else yield* this.#take(events, from, to);
      from = to;
    }
    if (this.deadline <= this.#newest) yield* this.#givePart(this.#newest);
  }

  /** The sensor's time is at least `now`, though no event says so: closes the windows that are over. */
  *tick(now: Micros): Generator<Window> {
    while (this.deadline <= now) {
      const end = this.deadline;
      this.#floor = end;
      if (end < this.#start + this.#span) yield* this.#givePart(end);
      else {
        yield* this.#give(end);
        this.#moveOn(end);
      }
    }
  }

  /** No more events: the window that is open, as a full one. */
  *end(): Generator<Window> {
    if (this.#open) yield* this.#give(this.#span === Infinity ? this.#newest + 1 : this.#start + this.#span);
    this.#open = false;
    this.#newest = this.#floor = -Infinity;
    this.#silentFrom = undefined;
  }

  /** Events from..to−1, whose time does not fall and is not before the floor. */
  *#take(events: Events, from: number, to: number): Generator<Window> {
    const { t } = events;
    let at = from;
    while (at < to) {
      if (!this.#open) this.#begin(t[at]!);
      const deadline = this.#start + this.#span;
      const next = Math.min(firstAtOrAfter(t, at, to, deadline), at + this.#most - this.#held.count);
      if (next > at) {
        this.#drop("window_overflow", this.#held.append(events, at, next));
        this.#newest = this.#floor = t[next - 1]!;
        at = next;
      }
      if (this.#held.count >= this.#most) {
        yield* this.#give(this.#newest + 1);
        this.#open = false;
      } else if (at < to) {
        yield* this.#give(deadline);
        this.#moveOn(deadline);
      }
    }
  }

  /** A copy of events from..to−1 at the floor's time. */
  #moveUp(events: Events, from: number, to: number): Events {
    let backwards = 0;
    for (let at = from; at < to; at++) backwards += Number(events.t[at]! < this.#newest);
    this.#drop("time_backwards", backwards);
    this.#drop("late", to - from - backwards);
    const moved = (this.#moved ??= new EventBuffer());
    moved.clear();
    moved.append(events, from, to);
    moved.t.fill(this.#floor, 0, moved.count);
    return moved;
  }

  #begin(start: Micros): void {
    if (this.#silentFrom !== undefined) this.#drop("gap_windows", Math.floor((start - this.#silentFrom) / this.#span));
    this.#silentFrom = undefined;
    this.#open = true;
    this.#start = start;
  }

  /** After a window that closed by time: the grid's next one, or none until an event begins it. */
  #moveOn(deadline: Micros): void {
    this.#open = false;
    if (!this.#byGrid) return;
    if (deadline - this.#newest > GAP_MICROS) this.#silentFrom = deadline;
    else this.#begin(deadline);
  }

  /** The open window, or what is left of it. */
  *#give(end: Micros): Generator<Window> {
    const held = this.#held;
    const slices = this.#sliceEnds.length;
    const sliceEnds = this.#sliceEnds.subarray(this.#slicesGiven);
    if (this.#byCount) sliceByCount(held.count, sliceEnds);
    else sliceByTime(held.t, held.count, this.#start, end, this.#slicesGiven, slices, sliceEnds);
    const window = { index: this.#index++, restarts: this.#restarts, start: this.#start, end, events: held, sliceEnds };
    const part = { firstSlice: this.#slicesGiven, earlierEvents: this.#eventsGiven, last: true };
    this.#slicesGiven = this.#eventsGiven = 0;
    yield part.firstSlice === 0 ? window : { ...window, part };
    held.clear();
  }

  /** The slices of the open window that are over at `now`, but the last. */
  *#givePart(now: Micros): Generator<Window> {
    const held = this.#held;
    const first = this.#slicesGiven;
    let past = first, count = 0;
    while (past < this.#sliceEnds.length - 1 && this.#sliceStart(past + 1) <= now) {
      count = firstAtOrAfter(held.t, count, held.count, this.#sliceStart(past + 1));
      this.#sliceEnds[past++] = count;
    }
    const events = { count, t: held.t, x: held.x, y: held.y, p: held.p };
    const part = { firstSlice: first, earlierEvents: this.#eventsGiven, last: false };
    this.#slicesGiven = past;
    this.#eventsGiven += count;
    const end = this.#start + this.#span;
    yield { index: this.#index, restarts: this.#restarts, start: this.#start, end, events, sliceEnds: this.#sliceEnds.subarray(first, past), part };
    held.shift(count);
  }

  get #restarts(): number {
    return this.drops["clock_restarts"] ?? 0;
  }

  #sliceStart(j: number): Micros {
    return sliceStart(j, this.#sliceEnds.length, this.#start, this.#start + this.#span);
  }

  #drop(reason: string, count: number): void {
    if (count > 0) this.drops[reason] = (this.drops[reason] ?? 0) + count;
  }
}

/** Index after the events from `from` on that are before `floor`, but not by more than GAP_MICROS. */
function endOfFall(t: Float64Array, from: number, to: number, floor: Micros): number {
  let at = from + 1;
  while (at < to && t[at]! < floor && floor - t[at]! <= GAP_MICROS) at++;
  return at;
}

/** Index after the longest run from `from` on whose time does not fall. */
function endOfRun(t: Float64Array, from: number, to: number): number {
  let at = from + 1;
  while (at < to && t[at]! >= t[at - 1]!) at++;
  return at;
}

function isPositiveInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function refused(kind: string, wanted: string): SaccadeError {
  const what = `its framing of kind "${kind}" needs ${wanted}`;
  return new SaccadeError("PACKAGE_REFUSED", what, "convert the package again, with a complete framing");
}
