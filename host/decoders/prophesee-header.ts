import { SaccadeError } from "../errors.js";
import type { SensorSize } from "../types.js";
import { sizeOf } from "./sensor-size.js";
import { readTextHeader } from "./text-header.js";

/** What the `% key value` lines of a Prophesee RAW file say. Keys are as written there. */
export interface PropheseeHeader {
  readonly bodyAt: number;
  /** evt2, evt21, evt3, evt4, or another encoding's own name; undefined when the header does not say. */
  readonly encoding: string | undefined;
  readonly size: SensorSize | undefined;
  /** EVT2.1 only: the two halves of a 64-bit word stand the other way round. */
  readonly legacyWords: boolean;
}

export const PERCENT = 0x25;
export const HEADER_LIMIT = 1 << 16;

/** What cameras wrote before the header named its encoding and geometry, by `system_ID`. */
const BY_SYSTEM: readonly { readonly ids: readonly number[]; readonly encoding: string; readonly size: SensorSize }[] = [
  { ids: [0x15, 0x1c, 0x17, 0x19, 0x1d, 0x21, 0x22, 0x23, 0x29], encoding: "evt2", size: { width: 640, height: 480 } },
  { ids: [0x1a, 0x1f, 0x27], encoding: "evt2", size: { width: 1280, height: 720 } },
  { ids: [0x28], encoding: "evt3", size: { width: 640, height: 480 } },
  { ids: [0x1e, 0x2e, 0x30, 0x31, 0x32], encoding: "evt3", size: { width: 1280, height: 720 } },
];
/** Systems from this one on write EVT2.1 words in little-endian order. */
const FIRST_LITTLE_SYSTEM = 0x37;

const ENCODINGS: Readonly<Record<string, string>> = {
  EVT2: "evt2",
  EVT21: "evt21",
  EVT3: "evt3",
  EVT4: "evt4",
  "2.0": "evt2",
  "2.1": "evt21",
  "3.0": "evt3",
  "4.0": "evt4",
};

/**
 * Reads the header, which may be empty.
 * @returns undefined when more bytes are needed
 * @throws SaccadeError RECORDING_CORRUPT when two lines name different sensors
 */
export function readPropheseeHeader(head: Uint8Array, ended: boolean): PropheseeHeader | undefined {
  const text = readTextHeader(head, ended, PERCENT, /^end$/);
  if (!text) return undefined;
  const fields = new Map<string, string>();
  for (const line of text.lines) {
    const [, key, value] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined) fields.set(key, value ?? "");
  }
  const [formatName, ...formatOptions] = (fields.get("format") ?? "").split(";");
  const options = new Map(formatOptions.map((option) => option.split("=", 2) as [string, string]));
  const system = Number(fields.get("system_ID") ?? NaN);
  const known = BY_SYSTEM.find(({ ids }) => ids.includes(system));
  const named = formatName || fields.get("evt");
  const encoding = named ? (ENCODINGS[named] ?? named) : known?.encoding;
  const size = statedSize(fields, options) ?? known?.size;
  const byProphesee = [fields.get("integrator_name"), fields.get("camera_integrator_name")].includes("Prophesee");
  const endianness = options.get("endianness") ?? fields.get("endianness");
  const legacyWords = endianness === undefined ? byProphesee && system < FIRST_LITTLE_SYSTEM : endianness === "legacy";
  return { bodyAt: text.bodyAt, encoding, size, legacyWords };
}

function statedSize(fields: ReadonlyMap<string, string>, options: ReadonlyMap<string, string>): SensorSize | undefined {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(fields.get("geometry") ?? "") ?? [];
  const geometry = sizeOf(Number(width), Number(height));
  const format = sizeOf(Number(options.get("width")), Number(options.get("height")));
  if (geometry && format && (geometry.width !== format.width || geometry.height !== format.height))
    throw new SaccadeError(
      "RECORDING_CORRUPT",
      `the header names two sensors, ${geometry.width}x${geometry.height} and ${format.width}x${format.height}`,
      "correct the geometry or the format line of the header",
    );
  return geometry ?? format;
}
