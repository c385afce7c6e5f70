import type { Events } from "../types.js";
import { packLz4 } from "./lz4.js";
import type { RecordingWriter, WriterOptions } from "./recording-writer.js";

const MAGIC = "#!AER-DAT4.0\r\n";
const EVENTS_PER_PACKET = 16384, EVENT_BYTES = 16;
const PACKET_HEAD = 8;
/** Where the vector of events stands in its FlatBuffer: size prefix, root, identifier, vtable, table, length. */
const EVENTS_AT = 32;
const EVENT_STREAM = 0;
const COMPRESSION_CODES = { none: 0, lz4: 1 } as const;
/** In the header: where its FlatBuffer's i64 `data_table_position` stands, from the start of the file. */
const TABLE_POSITION_AT = MAGIC.length + 4 + 32;

export interface Aedat4WriterOptions extends WriterOptions {
  readonly compression?: keyof typeof COMPRESSION_CODES | undefined;
}

/** One row of the index. */
interface Packet {
  /** Where its payload begins, after its head. */
  readonly at: number;
  readonly bytes: number;
  readonly events: number;
  readonly first: number;
  readonly last: number;
}

/**
 * AEDAT 4 with one stream of events, packets of up to 16384 events, and the index at the end that players seek with.
 * LZ4 by default. The index grows by 56 bytes a packet.
 */
export class Aedat4Writer implements RecordingWriter {
  readonly timeShift = 0;
  readonly #compression: keyof typeof COMPRESSION_CODES;
  readonly #buffer = new Uint8Array(EVENTS_AT + EVENTS_PER_PACKET * EVENT_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  readonly #packets: Packet[] = [];
  #held = 0;
  #first = 0;
  #last = 0;
  #at = 0;
  #tableAt = -1;

  constructor(readonly options: Aedat4WriterOptions) {
    this.#compression = options.compression ?? "lz4";
  }

  begin(): Uint8Array {
    const header = ioHeader(COMPRESSION_CODES[this.#compression], infoXml(this.options, this.#compression));
    this.#at = header.length;
    return header;
  }

  *write(events: Events): Generator<Uint8Array> {
    const view = this.#view;
    for (let i = 0; i < events.count; i++) {
      const t = events.t[i]!;
      const at = EVENTS_AT + this.#held * EVENT_BYTES;
      view.setUint32(at, t % 2 ** 32, true);
      view.setUint32(at + 4, Math.floor(t / 2 ** 32), true);
      view.setUint16(at + 8, events.x[i]!, true);
      view.setUint16(at + 10, events.y[i]!, true);
      view.setUint32(at + 12, events.p[i]!, true);
      if (this.#held++ === 0) this.#first = t;
      this.#last = t;
      if (this.#held === EVENTS_PER_PACKET) yield* this.#packet();
    }
  }

  *end(): Generator<Uint8Array> {
    if (this.#held > 0) yield* this.#packet();
    this.#tableAt = this.#at;
    yield this.#pack(fileDataTable(this.#packets));
  }

  patch(): { at: number; bytes: Uint8Array } {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, BigInt(this.#tableAt), true);
    return { at: TABLE_POSITION_AT, bytes };
  }

  *#packet(): Generator<Uint8Array> {
    const view = this.#view;
    const bytes = EVENTS_AT + this.#held * EVENT_BYTES;
    const put32 = (at: number, value: number): void => view.setUint32(at, value, true);
    put32(0, bytes - 4);
    put32(4, 16);
    this.#buffer.set(Buffer.from("EVTS"), 8);
    put32(12, 6 | (8 << 16)); // vtable: 6 bytes long, tables of 8
    put32(16, 4); //             field 0 at 4 in the table
    put32(20, 8); //             table: its vtable is 8 before it
    put32(24, 4); //             its vector is 4 further on
    put32(28, this.#held);
    const payload = this.#pack(this.#buffer.subarray(0, bytes));
    const head = new DataView(new ArrayBuffer(PACKET_HEAD));
    head.setInt32(0, EVENT_STREAM, true);
    head.setInt32(4, payload.length, true);
    yield new Uint8Array(head.buffer);
    yield payload;
    this.#packets.push({ at: this.#at + PACKET_HEAD, bytes: payload.length, events: this.#held, first: this.#first, last: this.#last });
    this.#at += PACKET_HEAD + payload.length;
    this.#held = 0;
  }

  #pack(bytes: Uint8Array): Uint8Array {
    return this.#compression === "none" ? bytes : packLz4(bytes);
  }
}

/** The version line and a size-prefixed FlatBuffer `IOHeader`; its index position is −1 until it is patched. */
function ioHeader(compression: number, info: string): Uint8Array {
  const text = Buffer.from(info);
  const length = 44 + 4 + text.length + 1;
  const padded = (length + 7) & ~7;
  const bytes = new Uint8Array(MAGIC.length + 4 + padded);
  bytes.set(Buffer.from(MAGIC, "latin1"));
  const view = new DataView(bytes.buffer, MAGIC.length);
  view.setUint32(0, padded, true);
  const body = new DataView(bytes.buffer, MAGIC.length + 4);
  body.setUint32(0, 24, true);
  bytes.set(Buffer.from("IOHE"), MAGIC.length + 8);
  // vtable at 14: its length, the table's, then where compression, data_table_position and info_node stand in the table at 24
  [10, 20, 16, 8, 4].forEach((value, i) => body.setUint16(14 + 2 * i, value, true));
  body.setInt32(24, 10, true);
  body.setUint32(28, 16, true);
  body.setBigInt64(32, -1n, true);
  body.setInt32(40, compression, true);
  body.setUint32(44, text.length, true);
  bytes.set(text, MAGIC.length + 4 + 48);
  return bytes;
}

function infoXml({ size }: WriterOptions, compression: string): string {
  const attr = (key: string, type: string, value: string | number): string => `<attr key="${key}" type="${type}">${value}</attr>`;
  const at = "/mainloop/Recorder/outInfo/";
  return [
    `<dv version="2.0">`,
    `<node name="outInfo" path="${at}">`,
    `<node name="${EVENT_STREAM}" path="${at}${EVENT_STREAM}/">`,
    attr("compression", "string", compression.toUpperCase()),
    attr("originalModuleName", "string", "saccade"),
    attr("originalOutputName", "string", "events"),
    attr("typeDescription", "string", "Array of events (polarity ON/OFF)."),
    attr("typeIdentifier", "string", "EVTS"),
    `<node name="info" path="${at}${EVENT_STREAM}/info/">`,
    attr("sizeX", "int", size.width),
    attr("sizeY", "int", size.height),
    attr("source", "string", "saccade"),
    attr("tsOffset", "long", 0),
    `</node></node></node></dv>`,
  ].join("\n");
}

/** A size-prefixed FlatBuffer `FileDataTable`: a vector of tables that share one vtable, 44 bytes each and 4 to find it. */
function fileDataTable(packets: readonly Packet[]): Uint8Array {
  const vectorAt = 44, tableBytes = 48;
  // Tables begin 4 before a multiple of 8, so that their i64 fields stand on one.
  const tablesAt = ((vectorAt + 4 + 4 * packets.length + 7) & ~7) + 4;
  const bytes = new Uint8Array(tablesAt + tableBytes * packets.length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length - 4, true);
  view.setUint32(4, 32, true);
  bytes.set(Buffer.from("FTAB"), 8);
  // vtable of a packet's row at 12: byte_offset, packet_info, num_elements, timestamp_start, timestamp_end
  [14, 44, 4, 12, 20, 28, 36].forEach((value, i) => view.setUint16(12 + 2 * i, value, true));
  // vtable of the root at 28, root at 36
  [6, 8, 4].forEach((value, i) => view.setUint16(28 + 2 * i, value, true));
  view.setInt32(36, 8, true);
  view.setUint32(40, vectorAt - 40, true);
  view.setUint32(vectorAt, packets.length, true);
  packets.forEach((packet, i) => {
    const at = tablesAt + i * tableBytes;
    const slot = vectorAt + 4 + 4 * i;
    view.setUint32(slot, at - slot, true);
    view.setInt32(at, at - 12, true);
    const put64 = (offset: number, value: number): void => view.setBigInt64(at + offset, BigInt(value), true);
    put64(4, packet.at);
    view.setInt32(at + 12, EVENT_STREAM, true);
    view.setInt32(at + 16, packet.bytes, true);
    put64(20, packet.events);
    put64(28, packet.first);
    put64(36, packet.last);
  });
  return bytes;
}
