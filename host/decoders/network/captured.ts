import type { Drops, Micros } from "../../types.js";
import { drop } from "../drops.js";
import { CaptureReader, type NetworkFrame } from "./capture.js";
import { UdpReader } from "./udp.js";

/** What reads datagrams, one a push. */
interface DatagramDecoder<T> {
  readonly format: string;
  readonly drops: Drops;
  push(datagram: Uint8Array, arrival?: Micros): Iterable<T>;
  end(): Iterable<T>;
}

/**
 * Reads a capture file, cut anywhere, with the decoder of the sensor whose datagrams it holds. Its drops are the inner decoder's. Where
 * several sensors sent, it reads the first whose datagram the decoder takes; those of others are counted as `other_stream`.
 * @throws SaccadeError from push and end, of what is no capture: RECORDING_CORRUPT, RECORDING_EMPTY
 */
export class CapturedDecoder<T> {
  readonly drops: Drops;
  readonly #capture: CaptureReader;
  readonly #udp: UdpReader;
  #stream: string | undefined;

  constructor(readonly inner: DatagramDecoder<T>) {
    this.drops = inner.drops;
    this.#capture = new CaptureReader(this.drops);
    this.#udp = new UdpReader(this.drops);
  }

  get format(): string {
    return this.inner.format;
  }

  *push(chunk: Uint8Array): Generator<T> {
    for (const frame of this.#capture.push(chunk)) yield* this.#read(frame);
  }

  *end(): Generator<T> {
    for (const frame of this.#capture.end()) yield* this.#read(frame);
    this.#udp.end();
    yield* this.inner.end();
  }

  *#read({ bytes, link, arrival }: NetworkFrame): Generator<T> {
    const datagram = this.#udp.read(bytes, link, arrival);
    if (datagram === undefined) return;
    if (this.#stream !== undefined && datagram.stream !== this.#stream) return drop(this.drops, "other_stream");
    const strange = this.drops["other_stream"];
    yield* this.inner.push(datagram.payload, datagram.arrival);
    if (this.drops["other_stream"] === strange) this.#stream = datagram.stream;
  }
}
