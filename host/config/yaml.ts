import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, type Document, type ErrorCode, type Node } from "yaml";
import { type Path, Problems } from "./problem.js";

/** What stands in a file: null, truth values, numbers, texts, lists and mappings (objects without a prototype). */
export type Value = unknown;

/** Limits of a file: what people write is far below. */
export const MAX_BYTES = 256 * 1024;
const MAX_TOKENS = 20_000;
const MAX_DEPTH = 32;
const MAX_VALUES = 20_000;
/** Errors of syntax follow one from the other: more than these help nobody. */
const MAX_SYNTAX_ERRORS = 20;

/** What the reader's errors mean, in words that quote nothing of the file: it may be a secret. */
const SYNTAX: Partial<Record<ErrorCode, readonly [message: string, suggestion: string]>> = {
  ALIAS_PROPS: ["an alias with a tag or an anchor", "write the alias alone"],
  BAD_ALIAS: ["this is no name of an alias", "put texts that begin with * or & in quotes"],
  BAD_DIRECTIVE: ["this directive is not understood", "leave lines that begin with % away"],
  BAD_DQ_ESCAPE: ["this escape is none of YAML", "write \\\\ for a backslash, or use 'single quotes'"],
  BAD_INDENT: ["the indentation does not fit", "indent what belongs together alike, with spaces, two more a level"],
  BAD_PROP_ORDER: ["an anchor or tag in the wrong place", "leave anchors and tags away"],
  BAD_SCALAR_START: ["a text may not begin so", "put it in quotes"],
  BLOCK_AS_IMPLICIT_KEY: ["two keys on one line", "begin a new line, indented by two spaces, for the second key"],
  BLOCK_IN_FLOW: ["lines of keys or - within brackets", "write it in brackets too, or outside them"],
  DUPLICATE_KEY: ["this key stands twice", "keep one of the two"],
  IMPOSSIBLE: ["this cannot be read", "compare with the examples of docs/configuration.md"],
  KEY_OVER_1024_CHARS: ["a key of more than 1024 characters", "look for a missing quote or line break"],
  MISSING_CHAR: ["a character is missing here: a colon, comma, quote or bracket", "write key: value, with a space after the colon"],
  MULTILINE_IMPLICIT_KEY: ["a key of more than one line", "look for a missing colon in the line before"],
  MULTIPLE_ANCHORS: ["more than one anchor", "keep one of them"],
  MULTIPLE_DOCS: ["a second document begins", "leave lines of --- away, all stands in one"],
  MULTIPLE_TAGS: ["more than one tag", "leave tags away"],
  RESOURCE_EXHAUSTION: ["this is nested too deep", "compare with the examples of docs/configuration.md"],
  TAB_AS_INDENT: ["a tab in the indentation", "indent with spaces"],
  TAG_RESOLVE_FAILED: ["tags are not read", "leave what begins with ! away, or put the text in quotes"],
  UNEXPECTED_TOKEN: ["this does not belong here", "put texts with : # { } [ ] , & * ! | > % @ in quotes"],
};
const UNREADABLE = SYNTAX.IMPOSSIBLE!;

/**
 * Reads YAML 1.2 (core schema, one document) into plain values and the places where they stand. Tags are refused, duplicate keys are
 * refused, keys are texts; aliases are followed as long as what comes out stays small.
 * @param text at most MAX_BYTES   @returns the value, undefined when it could not be read
 */
export function readYaml(text: string): { readonly value: Value; readonly problems: Problems } {
  const lines = new LineCounter();
  const problems = new Problems((offset) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  });
  problems.place([], { value: 0 });
  if (isTooIntricate(text)) {
    lines.addNewLine(0);
    problems.add([], "this is too long or nested too deep for a configuration", "compare with the examples of docs/configuration.md");
    return { value: undefined, problems };
  }
  const document = parseDocument(text, {
    version: "1.2", schema: "core", merge: false, strict: true, uniqueKeys: false, prettyErrors: false, lineCounter: lines, logLevel: "error",
  });
  for (const { code, pos } of [...document.errors, ...document.warnings].slice(0, MAX_SYNTAX_ERRORS))
    problems.addAt(pos[0], [], ...(SYNTAX[code] ?? UNREADABLE));
  if (problems.errors.length > 0) return { value: undefined, problems };
  return { value: new Reading(document, problems).read(document.contents, [], undefined), problems };
}

/** Whether to parse it would take long, or much of the stack: looked at token by token, up to a limit. */
function isTooIntricate(text: string): boolean {
  let tokens = 0, brackets = 0, dashes = 0;
  for (const token of new Lexer().lex(text)) {
    if (++tokens > MAX_TOKENS) return true;
    if (token === "[" || token === "{") brackets++;
    else if (token === "]" || token === "}") brackets = Math.max(0, brackets - 1);
    else if (token === "-" || token === "?") dashes++;
    else if (token.includes("\n")) dashes = 0;
    if (brackets > MAX_DEPTH || dashes > MAX_DEPTH) return true;
  }
  return false;
}

/** From the reader's tree to values; notes where each stands. */
class Reading {
  #values = 0;

  constructor(readonly document: Document, readonly problems: Problems) {}

  read(node: unknown, path: Path, keyAt: number | undefined): Value {
    const at = (node as Node | null)?.range?.[0] ?? keyAt ?? 0;
    const isEmpty = isScalar(node) && node.range?.[0] === node.range?.[1];
    this.problems.place(path, { ...(keyAt === undefined ? {} : { key: keyAt }), value: isEmpty ? (keyAt ?? at) : at });
    if (++this.#values > MAX_VALUES || path.length > MAX_DEPTH) {
      const what = path.length > MAX_DEPTH ? "this is nested too deep" : "aliases make this too large";
      this.problems.addAt(at, [], what, "compare with the examples of docs/configuration.md");
      return undefined;
    }
    if (isAlias(node)) return this.#follow(node.resolve(this.document), at, path, keyAt);
    if ((node as Node | null)?.tag !== undefined) this.problems.addAt(at, path, ...SYNTAX.TAG_RESOLVE_FAILED!);
    if (isMap(node)) return this.#map(node.items, path);
    if (isSeq(node)) return node.items.map((item, i) => this.read(item, [...path, String(i)], undefined));
    return isScalar(node) ? node.value : null;
  }

  #follow(target: Node | undefined, at: number, path: Path, keyAt: number | undefined): Value {
    if (target !== undefined && !isAlias(target)) return this.read(target, path, keyAt);
    this.problems.addAt(at, path, "this alias has no anchor before it", "put texts that begin with * in quotes");
    return undefined;
  }

  #map(items: readonly { readonly key: unknown; readonly value: unknown }[], path: Path): Value {
    const map = Object.create(null) as Record<string, Value>;
    for (const { key, value } of items) {
      const keyAt = (key as Node | null)?.range?.[0] ?? 0;
      const name = isScalar(key) ? nameOf(key.value, key.source) : undefined;
      if (name === undefined) this.problems.addAt(keyAt, path, "this key is no text", "write a name, in quotes if need be");
      else if (name in map) this.problems.addAt(keyAt, [...path, name], ...SYNTAX.DUPLICATE_KEY!);
      else map[name] = this.read(value, [...path, name], keyAt);
      if (this.#values > MAX_VALUES) break;
    }
    return map;
  }
}

/** A key as it was written: sensors may well be called 1 or true. */
function nameOf(value: unknown, source: string | undefined): string | undefined {
  if (typeof value === "string") return value;
  return value === null || source === undefined ? undefined : source;
}
