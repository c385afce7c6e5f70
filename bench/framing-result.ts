import { framingBench } from "./framing.js";
import type { Result } from "./result.js";

/** Cutting events into windows. */
export async function framingResult(): Promise<Result> {
  const rows = framingBench();
  return {
    tables: [{
      title: "framing",
      rows: [["windows by", "Mev/s", "windows"], ...rows.map(({ name, mevPerSecond, windows }) => [name, Math.round(mevPerSecond), windows])],
    }],
    figures: { rows },
    marks: [],
  };
}
