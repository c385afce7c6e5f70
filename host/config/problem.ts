/** From the top of the configuration down to a value: keys, and indices as text. */
export type Path = readonly string[];

/** Something that is wrong with a configuration, or (a warning) most likely not meant. */
export interface Problem {
  readonly severity: "error" | "warning";
  /** Both from 1; null for what an environment variable says. */
  readonly line: number | null;
  readonly column: number | null;
  /** sources.cam0.serial.baud; "" for the file as a whole. */
  readonly path: string;
  /** What is wrong. Never holds a secret. */
  readonly message: string;
  readonly suggestion: string;
}

/** Where a value and the key before it begin in the text, as offsets; or the environment variable that the value comes from. */
export interface Spot {
  readonly key?: number;
  readonly value?: number;
  readonly variable?: string;
}

export interface Where {
  /** At its key, not its value. */
  readonly key?: boolean;
  readonly severity?: Problem["severity"];
  /** Said in place of the path, where that itself may hold a secret. */
  readonly said?: Path;
}

/** Gathers problems, each at its place. */
export class Problems {
  readonly #found = new Map<string, Problem>();
  readonly #spots = new Map<string, Spot>();
  readonly #broken = new Set<string>();

  /** @param position line and column of an offset */
  constructor(readonly position: (offset: number) => { readonly line: number; readonly column: number }) {}

  place(path: Path, spot: Spot): void {
    this.#spots.set(JSON.stringify(path), spot);
  }

  /** Said once for each place and message. */
  add(path: Path, message: string, suggestion: string, { key = false, severity = "error", said = path }: Where = {}): void {
    const spot = this.#nearest(path);
    if (severity === "error") this.#broken.add(JSON.stringify(path));
    if (spot.variable !== undefined)
      return this.#put({ severity, line: null, column: null, path: said.join("."), message: `$${spot.variable}: ${message}`, suggestion });
    this.addAt((key ? spot.key : spot.value) ?? spot.value ?? spot.key ?? 0, said, message, suggestion, severity);
  }

  /** The same, where the place in the text is known. */
  addAt(offset: number, path: Path, message: string, suggestion: string, severity: Problem["severity"] = "error"): void {
    const { line, column } = this.position(offset);
    if (severity === "error") this.#broken.add(JSON.stringify(path));
    this.#put({ severity, line, column, path: path.join("."), message, suggestion });
  }

  /** Whether an error was found at this very path: nothing more needs to be said of it. */
  has(path: Path): boolean {
    return this.#broken.has(JSON.stringify(path));
  }

  get errors(): Problem[] {
    return this.#sorted("error");
  }

  get warnings(): Problem[] {
    return this.#sorted("warning");
  }

  #put(problem: Problem): void {
    const id = `${problem.line}:${problem.column} ${problem.path} ${problem.message}`;
    if (!this.#found.has(id)) this.#found.set(id, problem);
  }

  /** Of the path, or else of the nearest one above it. */
  #nearest(path: Path): Spot {
    for (let length = path.length; length >= 0; length--) {
      const spot = this.#spots.get(JSON.stringify(path.slice(0, length)));
      if (spot !== undefined) return spot;
    }
    return {};
  }

  #sorted(severity: Problem["severity"]): Problem[] {
    return [...this.#found.values()].filter((problem) => problem.severity === severity)
      .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }
}

/** `file:line:col path what; suggestion`, on one line. */
export function problemLine(file: string, problem: Problem): string {
  return `${problemText(file, problem)}; ${onOneLine(problem.suggestion)}`;
}

/** The same without the suggestion. */
export function problemText(file: string, { line, column, path, message }: Problem): string {
  const where = line === null ? file : `${file}:${line}:${column}`;
  return [where, path, message].filter((part) => part !== "").map(onOneLine).join(" ");
}

function onOneLine(text: string): string {
  return text.replaceAll(/[\s\u0000-\u001f\u007f]+/g, " ");
}
