/** Bounds of one CBOR item and everything in it. */
export interface CborLimits {
  readonly depth: number;
  /** Data items, keys included. */
  readonly items: number;
}

const UINT = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, SIMPLE = 7;
const FALSE = 20, TRUE = 21, NULL = 22, DOUBLE = 27;
const DANGEROUS_KEY = "__proto__";
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Whether `bytes` are exactly one item of the profile that packages use (FORMAT.md): definite lengths, shortest heads, text keys in
 * bytewise order, no tag, no half or single float, no integer beyond ±2^53, valid UTF-8. Allocates nothing that the bytes do not hold,
 * so that a decoder may run over them afterwards without fear.
 * @returns what is wrong and where, or undefined
 */
export function cborFault(bytes: Uint8Array, limits: CborLimits): string | undefined {
  const walker = new Walker(bytes, limits);
  try {
    walker.item(0);
    if (walker.at < bytes.byteLength) walker.fail(`${bytes.byteLength - walker.at} bytes follow the end`);
    return undefined;
  } catch (fault) {
    if (fault instanceof CborFault) return fault.message;
    throw fault;
  }
}

class CborFault extends Error {}

class Walker {
  at = 0;
  readonly #view: DataView;
  #items = 0;

  constructor(private readonly bytes: Uint8Array, private readonly limits: CborLimits) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  item(depth: number): void {
    if (depth > this.limits.depth) this.fail(`nested deeper than ${this.limits.depth}`);
    if (++this.#items > this.limits.items) this.fail(`more than ${this.limits.items} items`);
    const first = this.take(1);
    const major = this.bytes[first]! >> 5;
    const info = this.bytes[first]! & 31;
    if (major === SIMPLE) return this.simple(info);
    const argument = this.argument(info);
    switch (major) {
      case UINT: case NEGATIVE: return;
      case BYTES: this.take(argument); return;
      case TEXT: this.text(argument); return;
      case ARRAY: this.room(argument); for (let i = 0; i < argument; i++) this.item(depth + 1); return;
      case MAP: this.room(argument * 2); this.map(argument, depth); return;
      default: this.fail("a tag");
    }
  }

  fail(what: string): never {
    throw new CborFault(`${what}, at byte ${this.at}`);
  }

  private simple(info: number): void {
    if (info === FALSE || info === TRUE || info === NULL) return;
    if (info !== DOUBLE) this.fail(`simple value or short float ${info}`);
    const at = this.take(8);
    const value = this.#view.getFloat64(at);
    if (!Number.isFinite(value)) this.fail("a number that is not finite");
    if (Number.isSafeInteger(value)) this.fail("a whole number written as a float");
  }

  /** The head's argument, which must be in its shortest form. */
  private argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) this.fail("an indefinite or reserved length");
    const size = 1 << (info - 24);
    const at = this.take(size);
    const value =
      size === 1 ? this.#view.getUint8(at)
      : size === 2 ? this.#view.getUint16(at)
      : size === 4 ? this.#view.getUint32(at)
      : this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
    const least = size === 1 ? 24 : 2 ** (size * 4);
    if (value < least) this.fail("a head longer than it need be");
    if (value >= Number.MAX_SAFE_INTEGER) this.fail("an integer beyond 2^53");
    return value;
  }

  private text(length: number): string {
    const at = this.take(length);
    try {
      return utf8.decode(this.bytes.subarray(at, this.at));
    } catch {
      this.fail("text that is not UTF-8");
    }
  }

  private map(pairs: number, depth: number): void {
    let before: Uint8Array | undefined;
    for (let i = 0; i < pairs; i++) {
      const start = this.at;
      const first = this.take(1);
      if (this.bytes[first]! >> 5 !== TEXT) this.fail("a key that is not text");
      if (++this.#items > this.limits.items) this.fail(`more than ${this.limits.items} items`);
      if (this.text(this.argument(this.bytes[first]! & 31)) === DANGEROUS_KEY) this.fail(`the key ${DANGEROUS_KEY}`);
      const key = this.bytes.subarray(start, this.at);
      if (before !== undefined && compareBytes(before, key) >= 0) this.fail("keys out of order, or twice");
      before = key;
      this.item(depth + 1);
    }
  }

  /** Every item has at least one byte. */
  private room(items: number): void {
    if (items > this.bytes.byteLength - this.at) this.fail(`${items} items declared in ${this.bytes.byteLength - this.at} bytes`);
  }

  private take(length: number): number {
    const start = this.at;
    if (length > this.bytes.byteLength - start) this.fail(`${length} bytes needed, ${this.bytes.byteLength - start} left`);
    this.at = start + length;
    return start;
  }
}

/** Bytewise, a prefix first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.byteLength, b.byteLength);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.byteLength - b.byteLength;
}
