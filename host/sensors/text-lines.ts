const LINE_FEED = 0x0a, CARRIAGE_RETURN = 0x0d, FIRST_PRINTABLE = 0x20, LAST_PRINTABLE = 0x7e;

/** Lines of printable ASCII among other bytes; what is longer than `longest`, or holds another byte, is no line. */
export class TextLines {
  #text = "";
  /** Whether the line that is coming is none, up to its end. */
  #spoilt = false;
  constructor(readonly longest: number) {}

  /** @yields lines without their end; an empty one too */
  *take(chunk: Uint8Array): Generator<string> {
    for (const byte of chunk) {
      if (byte === LINE_FEED) {
        const line = this.#text, whole = !this.#spoilt;
        this.#text = "";
        this.#spoilt = false;
        if (whole) yield line;
      } else if (this.#spoilt || byte === CARRIAGE_RETURN) continue;
      else if (byte < FIRST_PRINTABLE || byte > LAST_PRINTABLE || this.#text.length === this.longest) {
        this.#spoilt = true;
        this.#text = "";
      } else this.#text += String.fromCharCode(byte);
    }
  }
}
