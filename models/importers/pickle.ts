import { ModelError } from "../errors.js";

/** A name that a pickle wants looked up, such as `collections.OrderedDict`. It stays a name: nothing is imported, nothing is run. */
export interface PickledGlobal {
  readonly module: string;
  readonly name: string;
}

/** What a pickle builds, of which we know how it would have been built. Tuples and lists are arrays, dicts are maps. */
export type Pickled = null | boolean | number | string | readonly Pickled[] | Map<Pickled, Pickled> | Built;

/** A call of a known constructor. */
export interface Built {
  readonly of: string;
  readonly args: readonly Pickled[];
}

export interface PickleRules {
  /** Constructors that may be named, as `module.name`; `dict` makes a map, `built` is kept with its arguments, `first` is its first argument. */
  readonly constructors: Readonly<Record<string, "dict" | "built" | "first">>;
  /** Names that may stand as values. */
  readonly names: ReadonlySet<string>;
}

const MAX_ITEMS = 1 << 20;
const WEIGHTS_ALONE = "save the state_dict alone: torch.save(net.state_dict(), file)";
const MARK = Symbol("mark");
type Item = Pickled | PickledGlobal | typeof MARK;

/**
 * Reads a pickle of protocol 2 to 5 that holds nothing but data: numbers, texts, lists, dicts and calls of the constructors that `rules` names.
 * A pickle is a program; here its words are only looked at. Whatever else it wants done is refused by name.
 * Source: Python's pickletools, for the opcodes.
 * @throws ModelError NETWORK_CORRUPT, NETWORK_UNSUPPORTED
 */
export function readPickle(bytes: Uint8Array, rules: PickleRules): Pickled {
  return new PickleReader(bytes, rules).read();
}

class PickleReader {
  readonly #view: DataView;
  readonly #stack: Item[] = [];
  readonly #memo: Item[] = [];
  #at = 0;

  constructor(readonly bytes: Uint8Array, readonly rules: PickleRules) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  read(): Pickled {
    for (;;) {
      const op = this.#byte();
      if (op === 0x2e) return this.#value(this.#pop());
      const step = STEPS[op];
      if (step === undefined) throw corrupt(`has the opcode 0x${op.toString(16)} at byte ${this.#at - 1}, which is no data's`);
      step(this);
      if (this.#stack.length > MAX_ITEMS || this.#memo.length > MAX_ITEMS) throw corrupt(`holds more than ${MAX_ITEMS} things at once`);
    }
  }

  push(item: Item): void {
    this.#stack.push(item);
  }

  #pop(): Item {
    const item = this.#stack.pop();
    if (item === undefined) throw corrupt("takes what it has not put down");
    return item;
  }

  /** A thing that may be part of the data. */
  #value(item: Item): Pickled {
    if (item === MARK) throw corrupt("has a mark for a value");
    if (isGlobal(item)) {
      const name = `${item.module}.${item.name}`;
      if (this.rules.names.has(name)) return name;
      throw new ModelError("NETWORK_UNSUPPORTED", `the file wants ${name}, which is no tensor's`, WEIGHTS_ALONE);
    }
    return item;
  }

  popValue(): Pickled {
    return this.#value(this.#pop());
  }

  top(): Pickled {
    const item = this.#stack.at(-1);
    if (item === undefined) throw corrupt("looks at what it has not put down");
    return this.#value(item);
  }

  /** Everything since the last mark. */
  popMarked(): Pickled[] {
    const from = this.#stack.lastIndexOf(MARK);
    if (from < 0) throw corrupt("goes back to a mark that is not there");
    return this.#stack.splice(from).slice(1).map((item) => this.#value(item));
  }

  mark(): void {
    this.#stack.push(MARK);
  }

  remember(at: number): void {
    if (at > MAX_ITEMS) throw corrupt(`remembers ${at} things`);
    this.#memo[at] = this.#stack.at(-1) ?? null;
  }

  rememberNext(): void {
    this.remember(this.#memo.length);
  }

  recall(at: number): void {
    const item = this.#memo[at];
    if (item === undefined) throw corrupt(`recalls what it has not remembered: ${at}`);
    this.#stack.push(item);
  }

  /** A call: of a constructor that is known, with what it would be given. */
  reduce(): void {
    const args = this.popValue();
    const called = this.#pop();
    if (!isGlobal(called) || !Array.isArray(args)) throw corrupt("calls what is no constructor");
    const name = `${called.module}.${called.name}`;
    const kind = Object.hasOwn(this.rules.constructors, name) ? this.rules.constructors[name] : undefined;
    if (kind === undefined)
      throw new ModelError("NETWORK_UNSUPPORTED", `the file wants ${name} called, which is no tensor's`, WEIGHTS_ALONE);
    if (kind === "dict") this.push(mapOf(args[0] ?? []));
    else this.push(kind === "first" ? ((args[0] ?? null) as Pickled) : { of: name, args });
  }

  /** State set on a thing: of dicts, torch's notes on versions, which nobody needs. */
  build(): void {
    this.popValue();
    if (!(this.top() instanceof Map)) throw corrupt("sets the state of what is no dict");
  }

  setItems(items: readonly Pickled[]): void {
    const map = this.top();
    if (!(map instanceof Map) || items.length % 2 !== 0) throw corrupt("sets items of what is no dict");
    for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
  }

  append(items: readonly Pickled[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw corrupt("appends to what is no list");
    for (const item of items) list.push(item);
  }

  stackGlobal(): void {
    const name = this.popValue();
    const module = this.popValue();
    if (typeof name !== "string" || typeof module !== "string") throw corrupt("looks up what is no name");
    this.push({ module, name });
  }

  persistent(): void {
    this.push({ of: "persistent", args: [this.popValue()] });
  }

  #byte(): number {
    return this.bytes[this.#room(1)]!;
  }

  /** Where the next bytes are. */
  #room(bytes: number): number {
    const at = this.#at;
    if (bytes > this.bytes.length - at) throw corrupt(`ends at byte ${this.bytes.length}, within a thing`);
    this.#at = at + bytes;
    return at;
  }

  number(bytes: 1 | 2 | 4): number {
    const at = this.#room(bytes);
    return bytes === 1 ? this.#view.getUint8(at) : bytes === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  int32(): number {
    return this.#view.getInt32(this.#room(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#room(8));
  }

  /** A whole number of so many bytes, little-endian, two's complement; exact up to 2^53. */
  long(bytes: number): number {
    if (bytes > 8) throw corrupt(`has a whole number of ${bytes} bytes`);
    const at = this.#room(bytes);
    let value = 0n;
    for (let i = 0; i < bytes; i++) value |= BigInt(this.bytes[at + i]!) << BigInt(8 * i);
    return Number(BigInt.asIntN(8 * bytes, value));
  }

  text(bytes: number): string {
    const at = this.#room(bytes);
    return new TextDecoder().decode(this.bytes.subarray(at, at + bytes));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw corrupt("ends within a line");
    const text = this.text(end - this.#at);
    this.#at++;
    return text;
  }

  skip(bytes: number): void {
    this.#room(bytes);
  }
}

/** What each opcode does. */
const STEPS: Readonly<Record<number, (reader: PickleReader) => void>> = {
  0x80: (r) => r.skip(1),
  0x95: (r) => r.skip(8),
  0x28: (r) => r.mark(),
  0x4e: (r) => r.push(null),
  0x88: (r) => r.push(true),
  0x89: (r) => r.push(false),
  0x4b: (r) => r.push(r.number(1)),
  0x4d: (r) => r.push(r.number(2)),
  0x4a: (r) => r.push(r.int32()),
  0x8a: (r) => r.push(r.long(r.number(1))),
  0x47: (r) => r.push(r.double()),
  0x58: (r) => r.push(r.text(r.number(4))),
  0x8c: (r) => r.push(r.text(r.number(1))),
  0x29: (r) => r.push([]),
  0x5d: (r) => r.push([]),
  0x7d: (r) => r.push(new Map()),
  0x74: (r) => r.push(r.popMarked()),
  0x6c: (r) => r.push(r.popMarked()),
  0x85: (r) => r.push([r.popValue()]),
  0x86: (r) => r.push([r.popValue(), r.popValue()].reverse()),
  0x87: (r) => r.push([r.popValue(), r.popValue(), r.popValue()].reverse()),
  0x73: (r) => r.setItems([r.popValue(), r.popValue()].reverse()),
  0x75: (r) => r.setItems(r.popMarked()),
  0x61: (r) => r.append([r.popValue()]),
  0x65: (r) => r.append(r.popMarked()),
  0x71: (r) => r.remember(r.number(1)),
  0x72: (r) => r.remember(r.number(4)),
  0x94: (r) => r.rememberNext(),
  0x68: (r) => r.recall(r.number(1)),
  0x6a: (r) => r.recall(r.number(4)),
  0x63: (r) => r.push({ module: r.line(), name: r.line() }),
  0x93: (r) => r.stackGlobal(),
  0x52: (r) => r.reduce(),
  0x62: (r) => r.build(),
  0x51: (r) => r.persistent(),
};

function isGlobal(item: Item): item is PickledGlobal {
  return typeof item === "object" && item !== null && "module" in item;
}

function mapOf(pairs: Pickled): Map<Pickled, Pickled> {
  if (!Array.isArray(pairs) || pairs.some((pair) => !Array.isArray(pair) || pair.length !== 2)) throw corrupt("makes a dict of what are no pairs");
  return new Map(pairs as unknown as (readonly [Pickled, Pickled])[]);
}

function corrupt(what: string): ModelError {
  return new ModelError("NETWORK_CORRUPT", `the pickle ${what}`, "save the network again with torch.save(net.state_dict(), file)");
}
