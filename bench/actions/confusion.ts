import type { Score } from "../../host/cli/eval-score.js";
import { svg, text } from "../svg.js";

const CELL = 17, LABELS = 126, HEAD = 118;

/** Rows are what is shown, columns what it was named: the darker the more often. */
export function confusionPicture(labels: readonly string[], { per_class }: Score): string {
  const side = labels.length * CELL;
  const parts: string[] = [text(LABELS - 8, HEAD - 8, "shown ↓  named →", "faint", "end")];
  for (const [row, shown] of labels.entries()) {
    const y = HEAD + row * CELL;
    const { named, n: all } = per_class[shown] ?? { named: {}, n: 0 };
    parts.push(text(LABELS - 8, y + 13, shown, "", "end"), `<path class="grid" d="M${LABELS} ${y}h${side}"/>`);
    const x = LABELS + row * CELL + 12;
    parts.push(`<g transform="translate(${x} ${HEAD - 6}) rotate(-60)">${text(0, 0, shown)}</g>`);
    for (const [column, name] of labels.entries()) {
      const count = named[name] ?? 0;
      if (count === 0) continue;
      const [left, share] = [LABELS + column * CELL, count / all];
      const colour = row === column ? "#3a86c8" : "#e07a3f";
      parts.push(`<rect x="${left + 1}" y="${y + 1}" width="${CELL - 2}" height="${CELL - 2}" rx="2" fill="${colour}" fill-opacity="${(0.15 + 0.85 * share).toFixed(2)}"/>`);
      parts.push(text(left + CELL / 2, y + 13, String(count), "", "middle"));
    }
  }
  return svg(LABELS + side + 70, HEAD + side + 6, parts);
}
