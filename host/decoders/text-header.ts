/** Lines of a text header, each beginning with the same mark. */
export interface TextHeader {
  /** Without the mark, trimmed. */
  readonly lines: readonly string[];
  readonly bodyAt: number;
}

const LF = 0x0a, CR = 0x0d, TAB = 0x09;
/** Control bytes, which no header line holds: a line with one is binary data that happens to begin with the mark. */
const isControl = (byte: number): boolean => byte < 0x20 && byte !== TAB && byte !== CR;

/**
 * Reads the header lines at the start of a file: those that begin with `mark`, up to the first that does not,
 * or up to and with a line that equals `last`.
 * @param mark one byte, `%` (Prophesee) or `#` (AEDAT)
 * @returns undefined when more bytes are needed
 */
export function readTextHeader(head: Uint8Array, ended: boolean, mark: number, last: RegExp): TextHeader | undefined {
  const lines: string[] = [];
  let at = 0;
  for (;;) {
    if (at >= head.length) return ended ? { lines, bodyAt: at } : undefined;
    if (head[at] !== mark) return { lines, bodyAt: at };
    let end = at + 1;
    while (end < head.length && head[end] !== LF && !isControl(head[end]!)) end++;
    if (end < head.length && head[end] !== LF) return { lines, bodyAt: at };
    if (end === head.length && !ended) return undefined;
    const line = decodeLatin1(head.subarray(at + 1, end)).trim();
    at = Math.min(end + 1, head.length);
    if (last.test(line)) return { lines, bodyAt: at };
    lines.push(line);
  }
}

/** Bytes as characters, one to one: header text of any old code page survives, and no byte is an error. */
export function decodeLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
