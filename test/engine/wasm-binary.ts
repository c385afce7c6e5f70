/** What the rules for engine binaries look at; a code of a prefix 0xFC or 0xFD stands as prefix · 2^16 + code. */
export interface WasmBinary {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  /** Every value type of signatures, locals, globals and blocks. */
  readonly valueTypes: ReadonlySet<number>;
  readonly opcodes: ReadonlySet<number>;
  readonly sections: ReadonlySet<number>;
  readonly functions: number;
}

export const PREFIX_BULK = 0xfc;
export const PREFIX_SIMD = 0xfd;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;

const SECTION = { type: 1, import: 2, global: 6, export: 7, code: 10 } as const;
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Reads a module whole: every instruction of every function. @throws Error at the first byte that it does not understand */
export function readWasm(bytes: Uint8Array): WasmBinary {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw new Error("no WebAssembly module of version 1");
  const reader = new Reader(bytes, MAGIC.length);
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const end = reader.u32() + reader.at;
    reader.sections.add(id);
    if (id === SECTION.type) reader.times(() => reader.signature());
    else if (id === SECTION.import) reader.times(() => reader.import());
    else if (id === SECTION.global) reader.times(() => reader.global());
    else if (id === SECTION.export) reader.times(() => reader.export());
    else if (id === SECTION.code) reader.times(() => reader.body());
    else reader.at = end;
    if (reader.at !== end) throw new Error(`section ${id} ends at ${reader.at}, not at ${end}`);
  }
  return reader;
}

class Reader implements WasmBinary {
  readonly imports: string[] = [];
  readonly exports: string[] = [];
  readonly valueTypes = new Set<number>();
  readonly opcodes = new Set<number>();
  readonly sections = new Set<number>();
  functions = 0;

  constructor(readonly bytes: Uint8Array, public at: number) {}

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error("the module ends early");
    return byte;
  }
  u32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }
  times(read: () => void): void {
    for (let n = this.u32(); n > 0; n--) read();
  }

  signature(): void {
    if (this.byte() !== 0x60) throw new Error("a type that is no function");
    this.times(() => this.valueType());
    this.times(() => this.valueType());
  }
  import(): void {
    const name = `${this.name()}.${this.name()}`;
    const kind = this.byte();
    this.imports.push(`${["function", "table", "memory", "global"][kind] ?? kind} ${name}`);
    if (kind === 0) this.u32();
    else if (kind === 2) this.limits();
    else if (kind === 1) (this.byte(), this.limits());
    else (this.valueType(), this.byte());
  }
  global(): void {
    this.valueType();
    this.byte();
    this.expression();
  }
  export(): void {
    this.exports.push(this.name());
    this.byte();
    this.u32();
  }
  body(): void {
    const end = this.u32() + this.at;
    this.functions++;
    this.times(() => (this.u32(), this.valueType()));
    while (this.at < end) this.instruction();
  }

  private name(): string {
    const length = this.u32();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
  private limits(): void {
    if ((this.byte() & 1) === 1) this.u32();
    this.u32();
  }
  private valueType(): void {
    this.valueTypes.add(this.byte());
  }
  /** Up to its `end`, blocks among it. */
  private expression(): void {
    for (let depth = 1; depth > 0; ) {
      const opcode = this.instruction();
      if (opcode >= 0x02 && opcode <= 0x04) depth++;
      if (opcode === 0x0b) depth--;
    }
  }

  private instruction(): number {
    const first = this.byte();
    const opcode = first === PREFIX_BULK || first === PREFIX_SIMD ? first * 2 ** 16 + this.u32() : first;
    this.opcodes.add(opcode);
    this.immediates(first, opcode % 2 ** 16);
    return opcode;
  }
  private immediates(first: number, code: number): void {
    if (first === PREFIX_SIMD) return this.vectorImmediates(code);
    if (first === PREFIX_BULK) {
      if (code > 7) this.u32();
      if (code === 8 || code === 10 || code === 12 || code === 14) this.u32();
      return;
    }
    if (code >= 0x02 && code <= 0x04) this.blockType();
    else if (code === 0x0e) (this.times(() => this.u32()), this.u32());
    else if (code === 0x11) (this.u32(), this.u32());
    else if (code === 0x1c) this.times(() => this.valueType());
    else if (code >= 0x28 && code <= 0x3e) (this.u32(), this.u32());
    else if (code === 0x43) this.at += 4;
    else if (code === 0x44) this.at += 8;
    // Signed constants are as long as unsigned ones; their value is not looked at.
    else if (ONE_INDEX.has(code)) this.u32();
    else if (!isPlain(code)) throw new Error(`opcode 0x${code.toString(16)} at ${this.at}`);
  }
  private vectorImmediates(code: number): void {
    const memory = code <= 11 || (code >= 84 && code <= 93);
    if (memory) (this.u32(), this.u32());
    if ((code >= 84 && code <= 91) || (code >= 21 && code <= 34)) this.byte();
    if (code === 12 || code === 13) this.at += 16;
  }
  private blockType(): void {
    const type = this.bytes[this.at]!;
    if (type === 0x40) this.at++;
    else if (type >= 0x7b && type <= 0x7f) this.valueType();
    else this.u32();
  }
}

/** br, br_if, call, local and global access, table access, memory.size and .grow, i32.const, i64.const, ref.null, ref.func */
const ONE_INDEX = new Set([0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2]);

function isPlain(code: number): boolean {
  return code === 0x00 || code === 0x01 || code === 0x05 || code === 0x0b || code === 0x0f || code === 0x1a || code === 0x1b
    || (code >= 0x45 && code <= 0xc4) || code === 0xd1;
}
