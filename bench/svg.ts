/** Pictures for docs: no background, colours that a light page and a dark one both carry, text that follows the page. */
const STYLE = `text { font: 12px Helvetica, Arial, sans-serif; fill: #4b5563 }
.faint { fill: #6b7785 } .title { font-size: 14px; font-weight: 600 }
.axis { stroke: #9aa5b1; stroke-width: 1 } .grid { stroke: #9aa5b1; stroke-opacity: 0.35; stroke-width: 1 }
@media (prefers-color-scheme: dark) { text { fill: #e4e7eb } .faint { fill: #9aa5b1 } }`;

export const COLOURS = { ours: "#3a86c8", spikes: "#e07a3f", other: "#8a97a6" } as const;
export type Colour = keyof typeof COLOURS;

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly colour: Colour;
}

export interface Line {
  readonly label: string;
  readonly colour: Colour;
  /** Drawn last and broken, so that what lies beneath is seen. */
  readonly dashed?: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export function svg(width: number, height: number, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`;
  return `${head}\n<style>${STYLE}</style>\n${parts.join("\n")}\n</svg>\n`;
}

export function text(x: number, y: number, words: string, kind = "", anchor: "start" | "middle" | "end" = "start"): string {
  const escaped = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${number(x)}" y="${number(y)}" text-anchor="${anchor}"${kind === "" ? "" : ` class="${kind}"`}>${escaped}</text>`;
}

export const BAR_PITCH = 22;

/** Labelled bars from the left, each with its figure behind it. @param width  from `x`, labels and figures included */
export function bars(
  x: number, y: number, width: number, labels: number, items: readonly Bar[], figure: (value: number) => string,
): string[] {
  const most = Math.max(...items.map(({ value }) => value)), room = width - labels - 60;
  return items.flatMap(({ label, value, colour }, i) => {
    const top = y + i * BAR_PITCH, length = Math.max(1, (value / most) * room);
    return [
      text(x + labels - 8, top + 13, label, "", "end"),
      `<rect x="${number(x + labels)}" y="${number(top + 2)}" width="${number(length)}" height="15" rx="2" fill="${COLOURS[colour]}"/>`,
      text(x + labels + length + 6, top + 13, figure(value), "faint"),
    ];
  });
}

/** Lines over 0..1 in percent, from zero up. */
export function plot(x: number, y: number, width: number, height: number, lines: readonly Line[]): string[] {
  const most = nextRound(Math.max(...lines.flatMap(({ points }) => points.map(([, value]) => value))));
  const at = ([share, value]: readonly [number, number]): string =>
    `${number(x + share * width)},${number(y + height - (value / most) * height)}`;
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap(share => [
    `<path class="${share === 0 ? "axis" : "grid"}" d="M${number(x)} ${number(y + height * (1 - share))}h${number(width)}"/>`,
    text(x - 6, y + height * (1 - share) + 4, String(Number((most * share).toPrecision(3))), "faint", "end"),
    text(x + share * width, y + height + 16, `${share * 100} %`, "faint", "middle"),
  ]);
  const drawn = lines.map(({ colour, dashed, points }) =>
    `<polyline points="${points.map(at).join(" ")}" fill="none" stroke="${COLOURS[colour]}" stroke-width="${dashed ? 2 : 2.5}" ` +
    `stroke-linejoin="round"${dashed ? ' stroke-dasharray="5 4"' : ""}/>`);
  return [...grid, ...drawn];
}

/** Names of lines in a row. */
export function legend(x: number, y: number, lines: readonly Pick<Line, "label" | "colour" | "dashed">[]): string[] {
  return lines.flatMap(({ label, colour, dashed }, i) => {
    const left = x + i * 190;
    const stroke = `stroke="${COLOURS[colour]}" stroke-width="2.5"${dashed ? ' stroke-dasharray="5 4"' : ""}`;
    return [`<path d="M${left} ${y - 4}h26" ${stroke}/>`, text(left + 32, y, label)];
  });
}

/** The least of 1, 2, 4, 5, 8 times a power of ten that is not below. */
function nextRound(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].map(step => step * power).find(step => step >= value) ?? 10 * power;
}

function number(value: number): string {
  return String(Number(value.toFixed(1)));
}
