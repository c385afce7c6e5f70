import { SaccadeError } from "../errors.js";
import type { Drops, SensorSize } from "../types.js";
import { AEDAT4_HEADER_LIMIT, type Aedat4Header, type Compression, readAedat4Header } from "./aedat4-header.js";
import { EventBatch } from "./batch.js";
import { drop, type DropReason } from "./drops.js";
import { Table } from "./flatbuffer.js";
import { LZ4_MAGIC, Scratch, unpackLz4 } from "./lz4.js";
import { Block, type Body, type Layout, type Opened } from "./recording-decoder.js";
import { agreeOnSize } from "./sensor-size.js";
import { unpackZstd, ZSTD_MAGIC } from "./zstd.js";
import { TimeJump } from "./time-jump.js";

const BLOCK_BYTES = 1 << 16;
const BATCH_EVENTS = 16384;
/** A packet, packed or not, is no larger: 4 Mi events. */
const MAX_PACKET_BYTES = 1 << 26;
const PACKET_HEAD = 8, EVENT_BYTES = 16;
/** Bytes from a packet's start that show whether one begins there: head, size prefix, root, identifier. */
const MARK_BYTES = PACKET_HEAD + 12;
const OTHER_KINDS: Readonly<Record<string, DropReason>> = { FRME: "frame", IMUS: "imu", TRIG: "trigger" };

/**
 * AEDAT 4: packets of a stream id, a length and a (packed) FlatBuffer. The first stream of events is read; packets of others
 * are counted. A file whose recorder crashed has no index: it is read to its end. Source: the dv-processing file format.
 */
export function aedat4Layout(given: SensorSize | undefined): Layout {
  return {
    format: "aedat4",
    headLimit: AEDAT4_HEADER_LIMIT,
    open(head: Uint8Array, ended: boolean, drops: Drops): Opened | undefined {
      const header = readAedat4Header(head, ended);
      if (!header) return undefined;
      const eventStream = [...header.streams].sort(([a], [b]) => a - b).find(([, { kind }]) => kind === "EVTS");
      if (!eventStream)
        throw new SaccadeError("RECORDING_UNSUPPORTED", "the AEDAT 4 file has no stream of events", "give a recording with an EVTS stream");
      const size = agreeOnSize(eventStream[1].size, given);
      return { bodyAt: header.bodyAt, size, body: new Aedat4Body(drops, size, header, eventStream[0]) };
    },
  };
}

class Aedat4Body implements Body {
  readonly block = new Block(BLOCK_BYTES);
  readonly batch = new EventBatch(BATCH_EVENTS);
  understood = false;
  readonly #width: number;
  readonly #height: number;
  /** File position of the next byte to read. */
  #at: number;
  /** The index has begun: it is the last thing in a file, and says nothing that the packets do not. */
  #inTable = false;
  /** Bytes of a packet that is not wanted, still to pass over. */
  #skip = 0;
  /** The wanted packet: what has come of it, what it will be. */
  readonly #packet = new Scratch(MAX_PACKET_BYTES);
  #packetLength = 0;
  #packetBytes = 0;
  readonly #unpacked = new Scratch(MAX_PACKET_BYTES);
  /** Events of the unpacked packet that have not been given out. */
  #events: DataView = new DataView(new ArrayBuffer(0));
  #eventsAt = 0;
  #latest = 0;
  readonly #jump = new TimeJump();

  constructor(
    readonly drops: Drops,
    size: SensorSize | undefined,
    readonly header: Aedat4Header,
    readonly stream: number,
  ) {
    this.#width = size?.width ?? 1 << 15;
    this.#height = size?.height ?? 1 << 15;
    this.#at = header.bodyAt;
  }

  read(from: number, to: number): number {
    let at = from;
    for (;;) {
      this.#giveEvents();
      if (this.batch.count === this.batch.capacity) break;
      if (this.#packetBytes > 0) {
        const taken = Math.min(this.#packetBytes - this.#packetLength, to - at);
        this.#packet.reserve(this.#packetLength + taken, this.#packetLength);
        this.#packet.bytes.set(this.block.u8.subarray(at, at + taken), this.#packetLength);
        this.#packetLength += taken;
        at += taken;
        if (this.#packetLength < this.#packetBytes) break;
        this.#openPacket();
        continue;
      }
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, to - at);
        this.#skip -= skipped;
        at += skipped;
        if (this.#skip > 0) break;
        continue;
      }
      if (this.#inTable) {
        at = to;
        break;
      }
      if (to - at < MARK_BYTES) break;
      if (this.#beginPacket(at)) at += PACKET_HEAD;
      else if (this.#at + at - from === this.header.tableAt) this.#inTable = this.understood = true;
      else {
        at++;
        drop(this.drops, "resync_bytes");
      }
    }
    this.#at += at - from;
    return at;
  }

  /** What is held of a packet is torn too; the few bytes left in the block are counted by the caller. */
  finish(from: number): number {
    drop(this.drops, "torn_tail", this.#packetLength);
    return from;
  }

  /** @returns false when no packet begins here */
  #beginPacket(at: number): boolean {
    const view = new DataView(this.block.u8.buffer, at, MARK_BYTES);
    const stream = view.getInt32(0, true), bytes = view.getInt32(4, true);
    const known = this.header.streams.get(stream);
    if (bytes <= 4 || bytes > MAX_PACKET_BYTES || !known || !hasMark(view, this.header.compression)) return false;
    this.understood = true;
    if (stream === this.stream) {
      this.#packetLength = 0;
      this.#packetBytes = bytes;
    } else {
      drop(this.drops, OTHER_KINDS[known.kind] ?? "other_stream");
      this.#skip = bytes;
    }
    return true;
  }

  #openPacket(): void {
    const packed = this.#packet.bytes.subarray(0, this.#packetBytes);
    this.#packetBytes = 0;
    this.#packetLength = 0;
    const { compression } = this.header;
    const bytes =
      compression === "none" ? packed : compression === "lz4" ? unpackLz4(packed, this.#unpacked) : unpackZstd(packed, this.#unpacked);
    const table = bytes && Table.root(bytes, 4, "EVTS");
    const elements = table?.vector(0, EVENT_BYTES);
    if (!bytes || !table) return drop(this.drops, "packet_corrupt");
    this.#eventsAt = 0;
    this.#events = elements
      ? new DataView(bytes.buffer, bytes.byteOffset + elements.at, elements.length * EVENT_BYTES)
      : new DataView(bytes.buffer, 0, 0);
  }

  #giveEvents(): void {
    const events = this.#events;
    const out = this.batch;
    const { t, x, y, p } = out;
    const width = this.#width, height = this.#height;
    let at = this.#eventsAt, count = out.count, latest = this.#latest, outside = 0, backwards = 0, jumps = 0, badTime = 0;
    for (; at < events.byteLength && count < out.capacity; at += EVENT_BYTES) {
      const column = events.getUint16(at + 8, true), row = events.getUint16(at + 10, true);
      const high = events.getInt32(at + 4, true);
      if (column >= width || row >= height) outside++;
      else if (high < 0 || high >= 1 << 21) badTime++;
      else {
        const time = high * 2 ** 32 + events.getUint32(at, true);
        if (time >= latest) latest = time;
        else if (this.#jump.isReal(time, latest)) {
          latest = time;
          jumps++;
        } else backwards++;
        t[count] = latest;
        x[count] = column;
        y[count] = row;
        p[count++] = events.getUint8(at + 12) === 0 ? 0 : 1;
      }
    }
    out.count = count;
    this.#eventsAt = at;
    this.#latest = latest;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
    drop(this.drops, "time_jump", jumps);
    drop(this.drops, "bad_time", badTime);
  }
}

/** Whether a payload of this packing begins at byte 8 of the view. */
function hasMark(view: DataView, compression: Compression): boolean {
  if (compression === "lz4") return view.getUint32(PACKET_HEAD, true) === LZ4_MAGIC;
  if (compression === "zstd") return view.getUint32(PACKET_HEAD, true) === ZSTD_MAGIC;
  for (let i = MARK_BYTES - 4; i < MARK_BYTES; i++) {
    const letter = view.getUint8(i);
    if (letter < 0x41 || letter > 0x5a) return false;
  }
  return true;
}
