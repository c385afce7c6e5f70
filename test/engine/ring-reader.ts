import { parentPort, workerData } from "node:worker_threads";
import { RingReader, slotViews, type RingMemory } from "../../host/engine/ring.js";

/** Each slot is full of one number; 0 ends. */
export interface ReadingOrders {
  readonly ring: RingMemory;
  readonly bell: Int32Array;
  /** Longest pause with a slot in hand, in turns of a loop. */
  readonly pauses: number;
}

/** Reads all there is and tells it; looks at each slot before and after a pause, so that a torn one shows. */
function read({ ring, bell, pauses }: ReadingOrders): number[] {
  const slots = slotViews(ring, (buffer, at) => new Uint32Array(buffer, at, ring.slotBytes / 4));
  const reader = new RingReader(ring);
  const numbers: number[] = [];
  for (;;) {
    const rung = Atomics.load(bell, 0);
    const slot = reader.take();
    if (slot < 0) {
      Atomics.wait(bell, 0, rung);
      continue;
    }
    const words = slots[slot]!;
    const [number] = words as unknown as [number];
    if (number === 0) return numbers;
    const whole = words.every(word => word === number);
    for (let turn = (number * 7919) % (pauses + 1); turn > 0; turn--) Atomics.load(bell, 0);
    if (!whole || words.some(word => word !== number)) throw new Error(`message ${number} is torn`);
    numbers.push(number);
    reader.release();
  }
}

parentPort!.postMessage("ready");
parentPort!.postMessage(read(workerData as ReadingOrders));
