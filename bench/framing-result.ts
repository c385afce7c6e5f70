import { framingBench } from "./framing.js";
import type { Result } from "./result.js";

/** Cutting events into windows. */
export async function framingResult(): Promise<Result> {
  const rows = framingBench();
  return {
    tables: [{
      title: "framing",
      rows: [["windows by", "Mev/s", "windows"], ...rows.map(row => [row.name, Math.round(row.mevPerSecond), row.windows])],
    }],
    figures: { rows },
    marks: [],
  };
}
