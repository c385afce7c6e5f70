import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { digitRecording } from "../../host/simulator/digits.js";
import { EventColumns } from "../../host/simulator/columns.js";
import { Random } from "../../host/simulator/random.js";
import type { Events } from "../../host/types.js";
import { Evt2Writer } from "../../host/writers/evt2.js";
import { monotonicMicros, SIZE, type SenderOrders, type Sent } from "./protocol.js";

const DIGIT_MICROS = 1_000_000;

/** Digits as a fast sensor would give them: the pixels of simulated recordings, a new digit each second, at an even rate. */
class DigitFlow {
  readonly #random = new Random(1, 0);
  readonly #digits = Array.from({ length: 10 }, (_, digit) => digitRecording(1, digit).events);
  readonly #out = new EventColumns();

  constructor(readonly eventsPerSecond: number) {}

  /** Events of from..to−1 µs, their times rising. */
  between(from: number, to: number): Events {
    const out = this.#out;
    out.clear();
    const digit = this.#digits[Math.floor(from / DIGIT_MICROS) % 10]!;
    const first = Math.ceil((from * this.eventsPerSecond) / 1e6);
    const past = Math.ceil((to * this.eventsPerSecond) / 1e6);
    for (let n = first; n < past; n++) {
      const at = this.#random.below(digit.count);
      out.push(Math.floor((n * 1e6) / this.eventsPerSecond), digit.x[at]!, digit.y[at]!, digit.p[at]!);
    }
    return out;
  }
}

const sleeping = new Int32Array(new SharedArrayBuffer(4));

/** What the sensor will say, chunk by chunk: made beforehand, for a sensor takes nothing of the gateway's machine. */
function record({ eventsPerSecond, chunkMicros, seconds }: SenderOrders): { readonly head: Uint8Array; readonly chunks: Buffer[]; readonly events: number } {
  const flow = new DigitFlow(eventsPerSecond);
  const writer = new Evt2Writer({ size: SIZE });
  const head = writer.begin();
  let count = 0;
  const chunks = Array.from({ length: Math.ceil((seconds * 1e6) / chunkMicros) }, (_, chunk) => {
    const events = flow.between(chunk * chunkMicros, (chunk + 1) * chunkMicros);
    count += events.count;
    return Buffer.concat([...writer.write(events)].map(block => Buffer.from(block)));
  });
  return { head, chunks, events: count };
}

/** Plays the sensor in real time: each chunk is written when its last event has happened. */
async function send(orders: SenderOrders): Promise<Sent> {
  const { port, chunkMicros } = orders;
  const { head, chunks, events } = record(orders);
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  socket.on("error", () => undefined);
  await new Promise(resolve => socket.once("connect", resolve));
  socket.write(head);
  const at: number[] = [];
  const began = monotonicMicros();
  for (const [chunk, bytes] of chunks.entries()) {
    if (!socket.writable) break;
    const wait = began + (chunk + 1) * chunkMicros - monotonicMicros();
    if (wait > 0) Atomics.wait(sleeping, 0, 0, wait / 1000);
    at.push(monotonicMicros());
    socket.write(bytes);
    await turn();
  }
  await new Promise<void>(resolve => socket.end(resolve));
  return { began, at, events };
}

process.on("message", (orders: SenderOrders) => {
  void send(orders).then(done => process.send!({ done }));
});
