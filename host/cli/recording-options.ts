import { DROP_REASONS } from "../decoders/drops.js";
import { FORMAT_NAMES } from "../decoders/formats.js";
import { DENOISE_REASONS } from "../denoise/filter.js";
import type { Drops } from "../types.js";
import { whole } from "./text.js";

export const AS_OPTION = ["--as <format>", `the recording's format: ${FORMAT_NAMES.join(" ")}`] as const;
export const SIZE_TEXT = "the sensor's size, when the recording does not say it";

const REASONS: Readonly<Record<string, string>> = { ...DROP_REASONS, ...DENOISE_REASONS };

/** What was skipped and why, one line a reason; nothing when nothing was. */
export function explainDrops(drops: Drops): string {
  const lines = Object.entries(drops).map(([reason, amount]) => `  ${whole(amount)} ${reason}: ${REASONS[reason]}\n`);
  return lines.length === 0 ? "" : `dropped\n${lines.join("")}`;
}
