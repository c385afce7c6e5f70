import { createHash } from "node:crypto";

/** SHA-256 over logits, i32 little-endian, in the order of their windows: the same on every machine and build. */
export class LogitsDigest {
  readonly #hash = createHash("sha256");

  add(logits: Int32Array): void {
    const bytes = new DataView(new ArrayBuffer(logits.length * 4));
    logits.forEach((value, index) => bytes.setInt32(index * 4, value, true));
    this.#hash.update(bytes);
  }

  hex(): string {
    return this.#hash.copy().digest("hex");
  }
}
