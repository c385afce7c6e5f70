export type Level = "info" | "warn";

/** Says what happens, to people: of a source or of the gateway itself (`undefined`). Nothing secret goes in. */
export type Journal = (source: string | undefined, level: Level, what: string) => void;

/** The same line of a source is told at most this often, ms. */
const REPEAT_MILLIS = 60_000;
const MOST_REMEMBERED = 256;

/** Lines with the time and the source's name; the same line at most once a minute, then with how often it was held back. */
export function lineJournal(write: (line: string) => void, now: () => number = Date.now): Journal {
  const told = new Map<string, { at: number; held: number }>();
  return (source, level, what) => {
    const line = `${source ?? "gateway"}: ${level === "warn" ? "warning: " : ""}${what.replaceAll(/\s*\n\s*/g, " ")}`;
    const known = told.get(line), at = now();
    if (known !== undefined && at - known.at < REPEAT_MILLIS) return void known.held++;
    if (told.size >= MOST_REMEMBERED) told.clear();
    told.set(line, { at, held: 0 });
    const held = known?.held ? ` (and ${known.held} times before)` : "";
    write(`${new Date(at).toISOString()} ${line}${held}\n`);
  };
}
