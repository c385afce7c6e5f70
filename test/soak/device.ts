/** A device in a process of its own: takes orders from its parent, speaks at the pace of its line, and tells what it sent. */
import { open, type FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SimulatedDevice } from "../../firmware-bridge/device/device.js";
import { BAUD, EDVS_START, type Orders, type Sent } from "./protocol.js";
import { BitErrors, BridgeEvents, EdvsStream, Ld19Stream, type Stream } from "./streams.js";

/** A UART's driver gives no more at a time. */
const CHUNK_BYTES = 4096, TICK_MILLIS = 2;
/** Events a second: what fits 1 Mbaud with frames' heads, and with short frames, where many are hit. */
const BRIDGE_RATE = 28_000, BRIDGE_RATE_SHORT = 20_000;
const DRAIN_MILLIS = 3000;
/** Ten seconds of the line: a device sends on while the process that plays it is held up, and has nothing to catch up with. */
const BRIDGE_WAITING_BYTES = 1 << 20;

/** Writes at a line's pace; what was flipped, and how late it was. */
class PacedLine {
  bytes = 0;
  frames = 0;
  hit = 0;
  behindMillis = 0;
  #hitSoFar = 0;
  #hitAtStart = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  readonly #errors: BitErrors;
  readonly #rate: number;
  #began = performance.now();
  #free = 0;

  constructor(
    readonly file: FileHandle,
    { kind, bitErrors }: Orders,
  ) {
    this.#errors = new BitErrors(bitErrors);
    this.#rate = BAUD[kind] / 10 / 1000;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get hitAtEnds(): number {
    return this.#hitAtStart + this.#hitSoFar;
  }

  get bytesPerSecond(): number {
    return (1000 * this.bytes) / (performance.now() - this.#began);
  }

  put(bytes: Uint8Array, frames: readonly number[]): void {
    const copy = Uint8Array.from(bytes);
    let at = 0;
    for (const length of frames) {
      this.frames++;
      if (this.#errors.flip(copy, at, (at += length))) {
        this.hit++;
        this.#hitSoFar++;
      } else {
        if (this.frames - this.hit === 1) this.#hitAtStart = this.#hitSoFar;
        this.#hitSoFar = 0;
      }
    }
    this.#waiting.push(copy);
    this.#waitingBytes += copy.length;
  }

  /** Writes what the line lets through by now; `idle` says that what it could not give is no lateness. */
  async write(): Promise<void> {
    const due = Math.floor((performance.now() - this.#began) * this.#rate) - this.#free;
    let left = Math.min(due, this.#waitingBytes);
    while (left > 0) {
      const first = this.#waiting[0]!, piece = first.subarray(0, Math.min(left, CHUNK_BYTES, first.length));
      await this.file.writeFile(piece);
      left -= piece.length;
      this.bytes += piece.length;
      this.#free += piece.length;
      this.#waitingBytes -= piece.length;
      if (piece.length === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(piece.length);
    }
    const late = (performance.now() - this.#began) * this.#rate - this.#free;
    this.behindMillis = Math.max(this.behindMillis, late / this.#rate);
    // A line that rests does not catch up.
    if (this.#waitingBytes === 0) this.#free += Math.max(0, Math.floor(late));
  }
}

function report(line: PacedLine, items: number, digest: string, dropped: number): Sent {
  const { bytes, frames, hit, hitAtEnds, behindMillis, bytesPerSecond } = line;
  return { bytes, frames, hit, hitAtEnds, items, digest, dropped, behindMillis, bytesPerSecond };
}

async function sendStream(file: FileHandle, orders: Orders): Promise<Sent> {
  const stream: Stream = orders.kind === "edvs" ? new EdvsStream() : new Ld19Stream();
  if (orders.kind === "edvs") await answerStart(file);
  const line = new PacedLine(file, orders), end = performance.now() + 1000 * orders.seconds;
  for (; performance.now() < end; await sleep(TICK_MILLIS)) {
    // As much as the longest wait until the next tick can take.
    const enough = Math.ceil((BAUD[orders.kind] / 10) * 0.1);
    while (line.waitingBytes < enough) {
      const { frames, bytes } = stream.next();
      line.put(bytes, frames);
    }
    await line.write();
  }
  const { bytesPerSecond } = line;
  for (; line.waitingBytes > 0; await sleep(TICK_MILLIS)) await line.write();
  return { ...report(line, stream.items, stream.digest(), 0), bytesPerSecond };
}

async function answerStart(file: FileHandle): Promise<void> {
  const asked = Buffer.alloc(256);
  for (let text = ""; !text.endsWith(EDVS_START);) text += asked.toString("latin1", 0, (await file.read(asked)).bytesRead);
  await file.writeFile(EDVS_START);
}

async function sendBridge(file: FileHandle, orders: Orders): Promise<Sent> {
  const began = performance.now(), now = (): number => Math.round(1000 * (performance.now() - began));
  const line = new PacedLine(file, orders), short = orders.bitErrors > 0;
  const device = new SimulatedDevice({ width: 128, height: 128, boot: 1 }, (bytes) => {
    if (line.waitingBytes > BRIDGE_WAITING_BYTES) return false;
    line.put(bytes, [bytes.length]);
    return true;
  });
  let ended = false;
  const reading = (async () => {
    const asked = Buffer.alloc(4096);
    while (!ended) {
      const { bytesRead } = await file.read(asked).catch(() => ({ bytesRead: 0 }));
      if (bytesRead === 0) return;
      device.receive(asked.subarray(0, bytesRead), now());
    }
  })();
  reading.catch(() => undefined);
  const events = new BridgeEvents(short ? BRIDGE_RATE_SHORT : BRIDGE_RATE);
  let streaming: number | undefined;
  for (let tick = 0; streaming === undefined || now() - streaming < 1e6 * orders.seconds; tick++, await sleep(TICK_MILLIS)) {
    if (device.status.streaming) {
      streaming ??= now();
      const due = events.due(streaming, now());
      device.push(due, 0, due.count);
    }
    device.poll(now());
    await line.write();
  }
  const { bytesPerSecond } = line;
  for (const drained = performance.now() + DRAIN_MILLIS; performance.now() < drained; await sleep(TICK_MILLIS)) {
    device.poll(now());
    await line.write();
  }
  while (line.waitingBytes > 0) await line.write();
  ended = true;
  const { lostRing, lostCredit, lostSensor } = device.status;
  return { ...report(line, events.pushed, events.digest(), lostRing + lostCredit + lostSensor), bytesPerSecond };
}

process.once("message", async (orders: Orders) => {
  const file = await open(orders.path, "r+");
  const sent = await (orders.kind === "bridge" ? sendBridge(file, orders) : sendStream(file, orders));
  process.send!(sent);
  process.once("disconnect", () => process.exit());
});
