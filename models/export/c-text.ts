// Text from outside, written into C: it can end no string, no comment and no line, whatever it holds.

/** What stands for itself in a comment. Not `*`, which with a slash closes and opens one, nor `?` and `\`, which splice lines. */
const PLAIN_IN_COMMENT = /[A-Za-z0-9 !"#$%&'()+,\-./:;<=>@[\]^_`{|}~]/;
/** What stands for itself in a string literal. Not `?`: two of them begin a trigraph. */
const PLAIN_IN_STRING = /[A-Za-z0-9 !#$%&'()*+,\-./:;<=>@[\]^_`{|}~]/;
const COMMENT_COLUMNS = 110;

/** A C99 string literal of the text's UTF-8 bytes, in ASCII. Octal escapes have all three digits: no digit behind them belongs to them. */
export function cString(text: string): string {
  const bytes = Array.from(Buffer.from(text, "utf8"), (byte) => {
    const character = String.fromCharCode(byte);
    return byte < 0x80 && PLAIN_IN_STRING.test(character) ? character : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${bytes.join("")}"`;
}

/** The text for a comment, on one line of ASCII: what could end it, join lines or turn the reading order is named by its number. */
export function cComment(text: string): string {
  const number = (character: string): string => `<U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}>`;
  return Array.from(text, (character) => (PLAIN_IN_COMMENT.test(character) ? character : number(character))).join("");
}

/** ` * title   text`, as many lines as it takes; the text is made fit by cComment. */
export function commentLines(title: string, text: string): string[] {
  const head = title.padEnd(12);
  const lines = [""];
  for (const word of cComment(text).split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + word.length + 1 > COMMENT_COLUMNS - head.length) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.map((line, i) => ` * ${i === 0 ? head : " ".repeat(head.length)}${line}`.trimEnd());
}

/** A name as a part of C identifiers and as a file's name: letters, digits and underscores; empty when nothing of it can stay. */
export function identifierOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_").replaceAll(/^_+|_+$/g, "").slice(0, GREATEST_NAME);
}

const GREATEST_NAME = 40;
export const NAME_PATTERN = new RegExp(`^[a-z0-9][a-z0-9_]{0,${GREATEST_NAME - 1}}$`);
