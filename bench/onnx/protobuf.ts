/** The little of protocol buffers that an ONNX file needs: messages are lists of fields, each a tag and a value. */
export type Field = Uint8Array;

/** Wire type 0: a whole number, 0 .. 2^53 − 1. */
export function int(field: number, value: number): Field {
  return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

/** Wire type 5. */
export function float(field: number, value: number): Field {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return Uint8Array.from([...varint(field * 8 + 5), ...bytes]);
}

/** Wire type 2. */
export function bytes(field: number, value: Uint8Array): Field {
  return new Uint8Array(Buffer.concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(value.length)]), value]));
}

export function text(field: number, value: string): Field {
  return bytes(field, new TextEncoder().encode(value));
}

export function message(field: number, fields: readonly Field[]): Field {
  return bytes(field, new Uint8Array(Buffer.concat(fields)));
}

function varint(value: number): number[] {
  const out: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) out.push((value % 128) + 128);
  return [...out, value];
}
