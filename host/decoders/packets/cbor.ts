/** What a packet may hold; a longer or deeper one is refused before any of it is used. */
export const MOST_PACKET_BYTES = 65_536;
const MOST_DEPTH = 4, MOST_PAIRS = 32, MOST_ITEMS = 64;
/** Keys of the packets that are read; others that are whole numbers are passed over. */
const KEYS = 11;

const UINT = 0, NINT = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6;
/** Integer arrays of RFC 8746. */
const FIRST_TAG = 64, LAST_TAG = 79;
const FALSE = 20, NULL = 22;

/** Where a byte string or a text lies in the packet, and how it was tagged; 0: not at all. */
export interface Span {
  readonly major: typeof BYTES | typeof TEXT;
  readonly tag: number;
  readonly at: number;
  readonly length: number;
}
/** A whole number, a string, or an array of whole numbers. */
export type Field = number | Span | readonly number[];

export const isBytes = (field: Field | undefined): field is Span => typeof field === "object" && "major" in field && field.major === BYTES;
export const isText = (field: Field | undefined): field is Span => typeof field === "object" && "major" in field && field.major === TEXT;
export const isNumbers = (field: Field | undefined): field is readonly number[] => Array.isArray(field);

/**
 * Reads the one shape of CBOR that sensor packets have: a map with keys that are whole numbers. Of keys 0 to 10 it gives the values; others,
 * also negative ones, are passed over, but checked alike. Definite lengths only, no floats, no tags but those of integer arrays on byte
 * strings, no key of 0 to 10 twice, nothing after the map. Nothing is copied: strings are told by their place.
 * @returns by key, or undefined when the bytes are anything else, or beyond 64 KiB, 4 levels, 32 pairs or 64 items
 * Source: RFC 8949; limits as in docs/messages.cddl.
 */
export function readFields(bytes: Uint8Array): (Field | undefined)[] | undefined {
  if (bytes.length === 0 || bytes.length > MOST_PACKET_BYTES) return undefined;
  const reader = new Reader(bytes);
  const fields = reader.map();
  return reader.good && reader.at === bytes.length ? fields : undefined;
}

/** One pass over the bytes; after the first thing that may not be, `good` is false and nothing it says holds. */
class Reader {
  at = 0;
  good = true;
  #major = 0;

  constructor(readonly bytes: Uint8Array) {}

  map(): (Field | undefined)[] {
    const fields = new Array<Field | undefined>(KEYS).fill(undefined);
    const pairs = this.#head();
    if (this.#major !== MAP || pairs > MOST_PAIRS) this.good = false;
    for (let i = 0; i < pairs && this.good; i++) {
      const key = this.#head(), known = this.#major === UINT && key < KEYS;
      if ((this.#major !== UINT && this.#major !== NINT) || (known && fields[key] !== undefined)) this.good = false;
      else if (known) fields[key] = this.#field();
      else this.#skip(1);
    }
    return fields;
  }

  /** The value of a known key. */
  #field(): Field {
    const value = this.#head();
    const major = this.#major;
    if (major === UINT) return value;
    if (major === ARRAY && value <= MOST_ITEMS) return Array.from({ length: this.good ? value : 0 }, () => this.#number());
    if (major === TAG) return value >= FIRST_TAG && value <= LAST_TAG ? this.#string(this.#head(), value) : this.#refuse();
    return this.#string(value, 0);
  }

  #number(): number {
    const value = this.#head();
    if (this.#major !== UINT) this.good = false;
    return value;
  }

  #string(length: number, tag: number): Field {
    const major = this.#major, at = this.at;
    if ((major !== BYTES && (major !== TEXT || tag !== 0)) || !this.#pass(length)) return this.#refuse();
    return { major: major as Span["major"], tag, at, length };
  }

  /** Passes over the value of an unknown key. @param depth levels that it is below the packet */
  #skip(depth: number): void {
    const value = this.#head();
    const major = this.#major;
    if (major === BYTES || major === TEXT) this.#pass(value);
    else if (major === ARRAY || major === MAP) {
      const items = major === MAP ? 2 * value : value;
      if (depth >= MOST_DEPTH || value > (major === MAP ? MOST_PAIRS : MOST_ITEMS)) this.good = false;
      for (let i = 0; i < items && this.good; i++) this.#skip(depth + 1);
    } else if (major === TAG) {
      if (value < FIRST_TAG || value > LAST_TAG) this.good = false;
      else this.#string(this.#head(), value);
    }
  }

  /** A head: sets the major type. @returns its number, a whole one below 2^53 */
  #head(): number {
    const { bytes } = this;
    const first = bytes[this.at++];
    if (first === undefined) return this.#refuse();
    this.#major = first >> 5;
    const info = first & 31;
    // Of simple values false, true and null; all else of that type is a float, or nothing at all.
    if (this.#major > TAG) return info >= FALSE && info <= NULL ? info : this.#refuse();
    if (info < 24) return info;
    if (info > 27) return this.#refuse();
    const from = this.at, length = 1 << (info - 24);
    if (!this.#pass(length)) return 0;
    let value = 0;
    for (let i = from; i < from + length; i++) value = value * 256 + bytes[i]!;
    return value <= Number.MAX_SAFE_INTEGER ? value : this.#refuse();
  }

  #pass(length: number): boolean {
    if (length > this.bytes.length - this.at) this.good = false;
    else this.at += length;
    return this.good;
  }

  #refuse(): 0 {
    this.good = false;
    return 0;
  }
}
