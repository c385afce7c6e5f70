import type { Drops, SensorSize } from "../types.js";
import { DROP_REASONS, type DropReason } from "../decoders/drops.js";
import { FORMAT_NAMES } from "../decoders/formats.js";
import { sizeOf } from "../decoders/sensor-size.js";
import { SaccadeError } from "../errors.js";

export const AS_OPTION = ["--as <format>", `the recording's format: ${FORMAT_NAMES.join(" ")}`] as const;
export const SIZE_OPTION = ["--size <WxH>", "the sensor's size, where the file does not state it"] as const;

/** @throws SaccadeError USAGE when it is not like 640x480 */
export function parseSize(text: string | undefined): SensorSize | undefined {
  if (text === undefined) return undefined;
  const [, width, height] = /^(\d+)x(\d+)$/i.exec(text) ?? [];
  const size = sizeOf(Number(width), Number(height));
  if (!size) throw new SaccadeError("USAGE", `"${text}" is no sensor size`, "write it as WxH, such as 640x480");
  return size;
}

/** What was skipped, for people, one line a reason. */
export function describeDrops(drops: Drops): string {
  return Object.entries(drops).map(([reason, amount]) => `  ${reason} ${amount}: ${DROP_REASONS[reason as DropReason]}\n`).join("");
}
