import type { Decoder, Drops, Events, Micros, SensorSize } from "../../types.js";
import { EventBatch } from "../batch.js";
import { drop } from "../drops.js";
import { TimeJump } from "../time-jump.js";
import { MOST_PACKET_BYTES } from "./cbor.js";
import { type RawDvs, readRawPacket } from "./raw-packet.js";
import { PacketSequence } from "./sequence.js";

/** Eight events take at least 4 + 2 bytes each and a byte of polarities. */
const MOST_EVENTS = Math.ceil((8 * MOST_PACKET_BYTES) / 49);

/**
 * Events in CBOR, as bridges publish them by MQTT (raw-dvs of docs/messages.cddl): one packet a push. Key 7 states the sensor's size, at
 * the latest in the 64th packet; until then the given one holds, or what the fields can name. Arrivals are of no use to it.
 */
export class RawDvsDecoder implements Decoder {
  readonly format = "raw-dvs";
  readonly drops: Drops = {};
  readonly #batch = new EventBatch(MOST_EVENTS);
  readonly #sequence = new PacketSequence(this.drops);
  readonly #jump = new TimeJump();
  #size: SensorSize | undefined;
  #latest: Micros = 0;

  /** @param size  until a packet states it */
  constructor(size?: SensorSize) {
    this.#size = size;
  }

  get size(): SensorSize | undefined {
    return this.#size;
  }

  *push(bytes: Uint8Array): Generator<Events> {
    const packet = readRawPacket(bytes);
    if (typeof packet === "string") return drop(this.drops, packet);
    if (packet.kind !== "dvs") return drop(this.drops, "other_stream");
    if (!this.#sequence.isNew(packet.seq)) return;
    this.#size = packet.size ?? this.#size;
    this.#read(packet);
    if (this.#batch.count > 0) yield this.#batch;
  }

  *end(): Generator<Events> {}

  #read({ count, t0, pixels, times, timeBytes, polarities }: RawDvs): void {
    const out = this.#batch, { t, x, y, p } = out, jump = this.#jump;
    const width = this.#size?.width ?? 65_536, height = this.#size?.height ?? 65_536;
    let to = 0, latest = this.#latest, outside = 0, backwards = 0, jumps = 0, wild = 0;
    for (let i = 0; i < count; i++) {
      const column = pixels[4 * i]! | (pixels[4 * i + 1]! << 8), row = pixels[4 * i + 2]! | (pixels[4 * i + 3]! << 8);
      if (column >= width || row >= height) {
        outside++;
        continue;
      }
      const at = timeBytes * i;
      const step = timeBytes === 2 ? times[at]! | (times[at + 1]! << 8) : u32(times, at);
      const time = t0 + step;
      if (time > Number.MAX_SAFE_INTEGER) {
        wild++;
        continue;
      }
      if (time >= latest) latest = time;
      else if (jump.isReal(time, latest)) {
        latest = time;
        jumps++;
      } else backwards++;
      t[to] = latest;
      x[to] = column;
      y[to] = row;
      p[to++] = (polarities[i >> 3]! >> (i & 7)) & 1;
    }
    out.count = to;
    this.#latest = latest;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
    drop(this.drops, "time_jump", jumps);
    drop(this.drops, "bad_time", wild);
  }
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
