const MARK = 0xa5, MARK_2 = 0x5a;
const HEAD_BYTES = 7;
/** No answer that we ask for is longer, bytes. */
const MOST_BODY_BYTES = 64;
const NO_BYTES = new Uint8Array(0);

export interface Answer {
  readonly type: number;
  /** Measurements follow, without end; then the answer has no body of its own. */
  readonly streams: boolean;
  readonly body: Uint8Array;
}

/** Whether an answer of this type and length exists: what precedes it may hold its two marks by chance. */
export type Expected = (type: number, bytes: number, streams: boolean) => boolean;

/**
 * Finds the answers of SLAMTEC and YDLIDAR sensors in whatever comes: A5 5A, u32 of 30 bits of length and 2 of mode (0 once, 1 streaming),
 * u8 type, body. Holds at most one answer that is not whole yet. Source: SLAMTEC's and YDLIDAR's protocol documents.
 */
export class Answers {
  #held = NO_BYTES;
  constructor(readonly expected: Expected) {}

  *take(chunk: Uint8Array): Generator<Answer> {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NO_BYTES;
    for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at)) {
      const length = this.#measure(bytes, at);
      if (length === undefined) {
        this.#held = bytes.slice(at);
        return;
      }
      if (length > 0)
        yield { type: bytes[at + 6]!, streams: isStreaming(bytes, at), body: bytes.subarray(at + HEAD_BYTES, at + length) };
      at += Math.max(1, length);
    }
  }

  /** @returns the bytes of the answer at `at`, 0 when none begins there, undefined when more bytes are needed to tell */
  #measure(bytes: Uint8Array, at: number): number | undefined {
    if (at + 1 < bytes.length && bytes[at + 1] !== MARK_2) return 0;
    if (at + HEAD_BYTES > bytes.length) return undefined;
    const streams = isStreaming(bytes, at);
    const body = bytes[at + 2]! + 256 * bytes[at + 3]! + 65536 * bytes[at + 4]! + 16777216 * (bytes[at + 5]! & 0x3f);
    if (!this.expected(bytes[at + 6]!, body, streams)) return 0;
    if (streams) return HEAD_BYTES;
    if (body > MOST_BODY_BYTES) return 0;
    return at + HEAD_BYTES + body > bytes.length ? undefined : HEAD_BYTES + body;
  }
}

function isStreaming(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 5]! >> 6 === 1;
}
