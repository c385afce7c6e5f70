import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { SaccadeError } from "../errors.js";
import { Engine } from "./engine.js";
import { Places, type Place } from "./places.js";
import { ORDERS, TO_ENGINE, TO_HOST, type Answer, type Order, type StreamRings, type ThreadData } from "./pool-protocol.js";
import { RingReader, RingWriter } from "./ring.js";
import { resultSlots, windowSlots, type MessageSizes, type ResultSlot, type WindowHead, type WindowSlot } from "./slots.js";
import { runFrames, runWindow } from "./window.js";

/** One stream in this thread: windows in, results out, in order. */
class Lane {
  readonly #windows: RingReader;
  readonly #results: RingWriter;
  readonly #windowSlots: readonly WindowSlot[];
  readonly #resultSlots: readonly ResultSlot[];
  /** The window in hand, how many of its slices have run, and what came of them. */
  #window = -1;
  #slices = 0;
  #restarts = 0;
  #outside = 0;
  #saturated = 0;
  #micros = 0;

  constructor({ windows, results }: StreamRings, sizes: MessageSizes, readonly place: Place) {
    this.#windows = new RingReader(windows);
    this.#results = new RingWriter(results);
    this.#windowSlots = windowSlots(windows, sizes);
    this.#resultSlots = resultSlots(results, sizes);
  }

  /** Runs the oldest message that waits: a window, or slices of one. @returns false when none does */
  runOne(): boolean {
    const taken = this.#windows.take();
    if (taken < 0) return false;
    const slot = this.#windowSlots[taken]!;
    const head = slot.head;
    // Slices whose window has lost some before them: it was dropped, and nobody waits for it.
    const fits = head.firstSlice === 0 || (head.window === this.#window && head.firstSlice === this.#slices);
    if (fits) this.#run(slot, head);
    this.#windows.release();
    if (!fits) return true;
    const { timesteps } = data.sizes;
    if (this.#slices === timesteps) {
      const left = { outside: this.#outside, saturated: this.#saturated };
      this.#resultSlots[this.#results.slot]!.write(head.window, left, this.#micros, this.place.engine.logits);
      this.#results.put();
      Atomics.add(bells, TO_HOST, 1);
      Atomics.notify(bells, TO_HOST);
    }
    return true;
  }

  #run(slot: WindowSlot, { window, firstSlice, slices, fromRest, restarts }: WindowHead): void {
    const began = performance.now();
    const { engine, stream } = this.place;
    const begins = firstSlice === 0;
    if (begins) {
      this.#window = window;
      this.#outside = this.#saturated = this.#micros = 0;
      if (fromRest || restarts !== this.#restarts) stream.reset();
      this.#restarts = restarts;
    }
    let { left } = slot;
    if (slot.asFrames) runFrames(engine, stream, slot.frames, begins);
    else left = runWindow(engine, stream, slot.events, slot.sliceEnds, begins);
    this.#slices = firstSlice + slices;
    this.#outside += left.outside;
    this.#saturated += left.saturated;
    this.#micros += (performance.now() - began) * 1000;
  }
}

const data = workerData as ThreadData;
const { bells } = data;
const port = parentPort!;
const places = new Places(() => new Engine(data.plan, data.constants, { build: data.build, streams: data.streams, tune: true }), data.streams);
const lanes = new Map<number, Lane>();

function answer(message: Answer): void {
  port.postMessage(message);
}

function carryOut(order: Order): void {
  if (order.kind === "open") {
    lanes.set(order.stream, new Lane(order.rings, data.sizes, places.open()));
    return;
  }
  const { stream, close } = lanes.get(order.stream)!.place;
  switch (order.kind) {
    case "close":
      lanes.delete(order.stream);
      return close();
    case "reset":
      return stream.reset();
    case "save":
      return answer({ kind: "done", ask: order.ask, state: stream.save() });
    case "restore":
      return restore(order.ask, () => stream.restore(order.state));
  }
}

function restore(ask: number, attempt: () => void): void {
  try {
    attempt();
    answer({ kind: "done", ask });
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    answer({ kind: "refused", ask, message: error.message, remedy: error.remedy });
  }
}

/** One message of each stream that has one, in turns. @returns whether there was any */
function runRound(): boolean {
  let ran = false;
  for (const lane of lanes.values()) ran = lane.runOne() || ran;
  return ran;
}

/** Looks for a while, then sleeps until the bell has rung. */
function rest(rung: number): void {
  if (data.spinMicros > 0) {
    const until = performance.now() + data.spinMicros / 1000;
    while (performance.now() < until) if (Atomics.load(bells, TO_ENGINE) !== rung) return;
  }
  Atomics.wait(bells, TO_ENGINE, rung);
}

answer({ kind: "ready" });
for (let ordered = 0; ; ) {
  const rung = Atomics.load(bells, TO_ENGINE);
  const orders = Atomics.load(bells, ORDERS);
  for (; ordered !== orders; ordered = (ordered + 1) | 0) carryOut((receiveMessageOnPort(port) as { message: Order }).message);
  if (!runRound()) rest(rung);
}
