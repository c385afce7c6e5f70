/** Reads the members of a record that came from outside, one by one, each with its type and range. */
export class Fields {
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #unread: Set<string>;

  /** @param fail  makes the error out of a sentence */
  constructor(readonly what: string, value: unknown, private readonly fail: (what: string) => Error) {
    if (value === null || typeof value !== "object" || Array.isArray(value) || ArrayBuffer.isView(value))
      throw fail(`${what} is no record`);
    this.#record = value as Readonly<Record<string, unknown>>;
    this.#unread = new Set(Object.keys(value));
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#record, key);
  }

  any(key: string): unknown {
    this.#unread.delete(key);
    if (!this.has(key)) throw this.fail(`${this.what} has no ${key}`);
    return this.#record[key];
  }

  int(key: string, low: number, high: number): number {
    const value = this.any(key);
    if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) return value;
    throw this.fail(`${this.what}.${key} is ${shown(value)}, not a whole number within ${low}..${high}`);
  }

  optionalInt(key: string, low: number, high: number): number | undefined {
    return this.has(key) ? this.int(key, low, high) : undefined;
  }

  number(key: string): number {
    const value = this.any(key);
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw this.fail(`${this.what}.${key} is ${shown(value)}, not a number`);
  }

  flag(key: string): boolean {
    const value = this.any(key);
    if (typeof value === "boolean") return value;
    throw this.fail(`${this.what}.${key} is ${shown(value)}, not true or false`);
  }

  /** Text of 1..most characters without control characters, of `shape` when one is given. */
  text(key: string, most: number, shape?: RegExp): string {
    const value = this.any(key);
    if (isText(value, most) && (shape === undefined || shape.test(value))) return value;
    const wanted = `text of 1..${most} characters${shape === undefined ? "" : ` like ${shape}`}`;
    throw this.fail(`${this.what}.${key} is ${shown(value)}, not ${wanted}`);
  }

  /** As text, but it may be empty. */
  note(key: string, most: number): string {
    return this.any(key) === "" ? "" : this.text(key, most);
  }

  word<T extends string>(key: string, words: readonly T[]): T {
    const value = this.any(key);
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw this.fail(`${this.what}.${key} is ${shown(value)}, not one of ${words.join(", ")}`);
  }

  list(key: string, least: number, most: number): readonly unknown[] {
    const value = this.any(key);
    if (Array.isArray(value) && value.length >= least && value.length <= most) return value;
    throw this.fail(`${this.what}.${key} is ${shown(value)}, not a list of ${least}..${most}`);
  }

  texts(key: string, least: number, most: number, length: number): readonly string[] {
    return this.list(key, least, most).map((value, i) => {
      if (isText(value, length)) return value;
      throw this.fail(`${this.what}.${key}[${i}] is ${shown(value)}, not text of 1..${length} characters`);
    });
  }

  record(key: string): Fields {
    return this.sub(key, this.any(key));
  }

  records(key: string, least: number, most: number): readonly Fields[] {
    return this.list(key, least, most).map((value, i) => this.sub(`${key}[${i}]`, value));
  }

  bytes(key: string, least: number, most: number): Uint8Array {
    const value = this.any(key);
    if (value instanceof Uint8Array && value.byteLength >= least && value.byteLength <= most) return value;
    throw this.fail(`${this.what}.${key} is ${shown(value)}, not ${least === most ? least : `${least}..${most}`} bytes`);
  }

  keys(): readonly string[] {
    return Object.keys(this.#record);
  }

  /** Nothing may be left that nobody asked for. */
  end(): void {
    const [extra] = this.#unread;
    if (extra !== undefined) throw this.fail(`${this.what} has the unknown member ${shown(extra)}`);
  }

  private sub(key: string, value: unknown): Fields {
    return new Fields(this.what === "" ? key : `${this.what}.${key}`, value, this.fail);
  }
}

function isText(value: unknown, most: number): value is string {
  return typeof value === "string" && value.length >= 1 && value.length <= most && !/[\u0000-\u001f\u007f]/.test(value);
}

const LONGEST_SHOWN = 60;

/** A value as an error message may show it: short, on one line. */
function shown(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value !== null && typeof value === "object") return "a record";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
