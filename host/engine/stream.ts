import { FrameKind, StateField, Status } from "../../assembly/abi.js";
import { SaccadeError } from "../errors.js";
import type { Events } from "../types.js";
import type { Instance } from "./instance.js";
import { STAGED_EVENTS, STAGED_SLICES, type Layout } from "./layout.js";

/** Where events are. Their times have done their work in the slices, and are needed for frames of points alone. */
export type Pixels = Pick<Events, "x" | "y" | "p"> & Partial<Pick<Events, "t">>;

/** The end of a frame's time. */
const END_OF_TIME = 65535;

/** One sensor with its own state in an engine. Streams of one engine take turns: a frame must be stepped before another stream's. */
export class Stream {
  readonly #instance: Instance;
  readonly #state: number;
  readonly #stateBytes: number;
  readonly #x: Uint16Array;
  readonly #y: Uint16Array;
  readonly #t: Uint16Array;
  readonly #p: Uint8Array;
  readonly #ends: Uint32Array;
  readonly #layout: Layout;
  readonly #timed: boolean;

  constructor(instance: Instance, layout: Layout, index: number, stateBytes: number, frameKind: FrameKind) {
    const { buffer } = instance.memory;
    this.#instance = instance;
    this.#layout = layout;
    this.#timed = frameKind === FrameKind.Points;
    this.#state = layout.states + index * layout.stateStride;
    this.#stateBytes = stateBytes;
    this.#x = new Uint16Array(buffer, layout.x, STAGED_EVENTS);
    this.#y = new Uint16Array(buffer, layout.y, STAGED_EVENTS);
    this.#t = new Uint16Array(buffer, layout.t, STAGED_EVENTS);
    this.#p = new Uint8Array(buffer, layout.p, STAGED_EVENTS);
    this.#ends = new Uint32Array(buffer, layout.ends, STAGED_SLICES);
    this.reset();
  }

  /** All state to zero. */
  reset(): void {
    mustBeOk(this.#instance.exports.reset(this.#state), "reset");
  }

  /** Readouts to zero. */
  beginWindow(): void {
    mustBeOk(this.#instance.exports.beginWindow(this.#state), "beginWindow");
  }

  /** Makes events from..to−1 the input frame. @returns how many of them lie outside the sensor */
  frame(events: Pixels, from: number, to: number): number {
    const { exports } = this.#instance;
    const { x, y, t, p } = this.#layout;
    const before = exports.eventsOutside();
    exports.clearFrame();
    for (let at = from; at < to; at += STAGED_EVENTS) {
      const past = Math.min(at + STAGED_EVENTS, to);
      this.#stage(events, at, past);
      if (this.#timed) {
        this.#stageTimes(events.t!, from, to, at, past);
        exports.addTimedEvents(x, y, t, p, past - at);
      } else {
        exports.addEvents(x, y, p, past - at);
      }
    }
    return (exports.eventsOutside() - before) >>> 0;
  }

  /**
   * A frame and a timestep for each slice of the events, as few calls of the engine as there is room for (of points, one frame a call).
   * @param sliceEnds  the event behind each slice; the first begins at 0   @returns how many events lie outside the sensor
   */
  run(events: Pixels, sliceEnds: Uint32Array): number {
    const { exports } = this.#instance;
    const { x, y, p, ends } = this.#layout;
    const before = exports.eventsOutside();
    for (let slice = 0, from = 0; slice < sliceEnds.length; ) {
      let past = slice;
      while (!this.#timed && past < sliceEnds.length && past - slice < STAGED_SLICES && sliceEnds[past]! - from <= STAGED_EVENTS) {
        this.#ends[past - slice] = sliceEnds[past]! - from;
        past++;
      }
      if (past === slice) {
        this.frame(events, from, sliceEnds[past++]!);
        this.step();
      } else {
        this.#stage(events, from, sliceEnds[past - 1]!);
        mustBeOk(exports.runSlices(this.#state, x, y, p, ends, past - slice), "runSlices");
      }
      from = sliceEnds[past - 1]!;
      slice = past;
    }
    return (exports.eventsOutside() - before) >>> 0;
  }

  #stage(events: Pixels, from: number, to: number): void {
    this.#x.set(events.x.subarray(from, to));
    this.#y.set(events.y.subarray(from, to));
    this.#p.set(events.p.subarray(from, to));
  }

  /** Times of events at..past−1 within the frame, which reaches from the time of event `from` to that of event `to` − 1. */
  #stageTimes(t: Float64Array, from: number, to: number, at: number, past: number): void {
    const start = t[from]!;
    const span = t[to - 1]! - start;
    for (let i = at; i < past; i++) this.#t[i - at] = span === 0 ? 0 : Math.floor(((t[i]! - start) * END_OF_TIME) / span);
  }

  /** One timestep on the input as it stands. */
  step(): void {
    mustBeOk(this.#instance.exports.step(this.#state), "step");
  }

  /** Ops first..past−1 of a timestep without advancing it: for measurements. */
  runOps(first: number, past: number): void {
    mustBeOk(this.#instance.exports.runOps(this.#state, first, past), "runOps");
  }

  /** Potentials that were clamped since reset. */
  get saturations(): number {
    return new DataView(this.#instance.memory.buffer).getUint32(this.#state + StateField.Saturations * 4, true);
  }

  /** A copy of everything that this stream remembers. */
  save(): Uint8Array {
    return new Uint8Array(this.#instance.memory.buffer, this.#state, this.#stateBytes).slice();
  }

  /** Takes over what `save` gave, of the same package. @throws SaccadeError STATE_REFUSED, the stream keeps its state */
  restore(saved: Uint8Array): void {
    const kept = this.save();
    const block = new Uint8Array(this.#instance.memory.buffer, this.#state, this.#stateBytes);
    if (saved.byteLength === this.#stateBytes) block.set(saved);
    if (saved.byteLength === this.#stateBytes && this.#instance.exports.checkState(this.#state) === Status.Ok) return;
    block.set(kept);
    throw new SaccadeError("STATE_REFUSED", "the saved state belongs to another package", "reset the stream, or restore a state of this package");
  }
}

function mustBeOk(status: Status, call: string): void {
  if (status !== Status.Ok) throw new SaccadeError("INTERNAL", `engine call ${call} gave status ${status}`, "report this with the package");
}
