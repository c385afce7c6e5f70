/** Reading FlatBuffers that nobody has checked: every offset is tested against the bytes there are. */

/** A table inside a FlatBuffer. Fields are numbered as in the schema. */
export class Table {
  private constructor(
    readonly view: DataView,
    readonly at: number,
    readonly fields: number,
    readonly fieldsLength: number,
  ) {}

  /**
   * The root table. @param from where the FlatBuffer begins (after a size prefix)  @param ident its four-character identifier
   * @returns undefined when the bytes are not such a FlatBuffer
   */
  static root(bytes: Uint8Array, from: number, ident: string): Table | undefined {
    if (bytes.length < from + 8) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < 4; i++) if (bytes[from + 4 + i] !== ident.charCodeAt(i)) return undefined;
    const at = from + view.getUint32(from, true);
    if (at + 4 > bytes.length) return undefined;
    const fields = at - view.getInt32(at, true);
    if (fields < 0 || fields + 4 > bytes.length) return undefined;
    const fieldsLength = view.getUint16(fields, true);
    return fieldsLength >= 4 && fields + fieldsLength <= bytes.length ? new Table(view, at, fields, fieldsLength) : undefined;
  }

  /** Where a field of `bytes` bytes stands; 0 when it is absent or outside. */
  #place(field: number, bytes: number): number {
    const slot = 4 + 2 * field;
    if (slot + 2 > this.fieldsLength) return 0;
    const offset = this.view.getUint16(this.fields + slot, true);
    const place = this.at + offset;
    return offset === 0 || place + bytes > this.view.byteLength ? 0 : place;
  }

  i32(field: number, absent: number): number {
    const place = this.#place(field, 4);
    return place === 0 ? absent : this.view.getInt32(place, true);
  }

  i64(field: number, absent: number): number {
    const place = this.#place(field, 8);
    return place === 0 ? absent : readI64(this.view, place);
  }

  /** Elements of `stride` bytes; undefined when absent or outside. */
  vector(field: number, stride: number): { readonly at: number; readonly length: number } | undefined {
    const place = this.#place(field, 4);
    if (place === 0) return undefined;
    const at = place + this.view.getUint32(place, true);
    if (at + 4 > this.view.byteLength) return undefined;
    const length = this.view.getUint32(at, true);
    return at + 4 + length * stride <= this.view.byteLength ? { at: at + 4, length } : undefined;
  }

  text(field: number): string | undefined {
    const bytes = this.vector(field, 1);
    return bytes && Buffer.from(this.view.buffer, this.view.byteOffset + bytes.at, bytes.length).toString("utf8");
  }
}

/** i64 as a number; beyond 2^53 it is only near. */
export function readI64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}
