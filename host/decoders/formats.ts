import { SaccadeError } from "../errors.js";
import type { SensorSize } from "../types.js";
import { aedat2Layout } from "./aedat2.js";
import { aedat3Layout } from "./aedat3.js";
import { AEDAT4_MAGIC } from "./aedat4-header.js";
import { aedat4Layout } from "./aedat4.js";
import { bridgeLayout, holdsBridgeFrame } from "./bridge.js";
import type { Line } from "./clocks/line-clock.js";
import { csvLayout } from "./csv.js";
import { datLayout } from "./dat.js";
import { EDVS_NAMES, edvsLayout } from "./edvs.js";
import { ES_MAGIC, esLayout } from "./es.js";
import { type EvtName, evtLayout, isEvtName } from "./evt.js";
import { NMNIST_EVENT_BYTES, nmnistLayout } from "./nmnist.js";
import { PERCENT, readPropheseeHeader } from "./prophesee-header.js";
import { OPENMV_MARKS, openmvLayout } from "./openmv.js";
import { type Layout, RecordingDecoder } from "./recording-decoder.js";
import { decodeLatin1, readTextHeader } from "./text-header.js";

export interface DecoderOptions extends Line {
  /** For formats whose files do not state it; it must agree with those that do. */
  readonly size?: SensorSize | undefined;
}

/** A recording format: how it is recognised and read. */
export interface RecordingFormat {
  readonly name: FormatName;
  readonly title: string;
  /** Lower case, with the dot. */
  readonly extensions: readonly string[];
  /**
   * How sure it is that a file is of this format: 0 no, 20 only its extension says so, 60 its content fits, 100 it says so itself.
   * @param head the first bytes, up to SNIFF_BYTES   @param extension lower case, with the dot
   */
  sniff(head: Uint8Array, extension: string): number;
  layout(size: SensorSize | undefined, line: Line): Layout;
}

export const FORMAT_NAMES = [
  "evt2",
  "evt21",
  "evt3",
  "evt4",
  "dat",
  "aedat1",
  "aedat2",
  "aedat3",
  "aedat4",
  "es",
  "nmnist",
  "csv",
  "bridge",
  "openmv",
  "edvs-e0",
  "edvs-e1",
  "edvs-e2",
  "edvs-e3",
  "edvs-e4",
] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** Bytes that `sniff` wants to see. */
export const SNIFF_BYTES = 1 << 16;

const SURE = 100, FITS = 60, BY_EXTENSION = 20;
const beginsWith = (head: Uint8Array, text: string): boolean => decodeLatin1(head.subarray(0, text.length)) === text;

const evt = (name: EvtName, title: string): RecordingFormat => ({
  name,
  title,
  extensions: [".raw"],
  sniff: (head, extension) => {
    const encoding = rawEncoding(head);
    if (encoding !== undefined) return encoding === name ? SURE : 0;
    return extension === ".raw" ? BY_EXTENSION : 0;
  },
  layout: (size) => evtLayout(name, size),
});

export const FORMATS: readonly RecordingFormat[] = [
  evt("evt2", "Prophesee RAW, EVT 2.0"),
  evt("evt21", "Prophesee RAW, EVT 2.1, little-endian and legacy"),
  evt("evt3", "Prophesee RAW, EVT 3.0"),
  evt("evt4", "Prophesee RAW, EVT 4"),
  {
    name: "dat",
    title: "Prophesee DAT, versions 1 and 2",
    extensions: [".dat"],
    sniff: (head, extension) => {
      const lines =
        head[0] === PERCENT && rawEncoding(head) === undefined ? (readTextHeader(head, true, PERCENT, /^end$/)?.lines ?? []) : [];
      if (lines.some((line) => /^(Data file|Version\s)/i.test(line))) return SURE;
      return extension === ".dat" ? BY_EXTENSION : 0;
    },
    layout: datLayout,
  },
  {
    name: "aedat1",
    title: "AEDAT 1.0 (DVS128)",
    extensions: [".aedat"],
    sniff: (head, extension) =>
      beginsWith(head, "#!AER-DAT1") ? SURE : extension === ".aedat" && !beginsWith(head, "#!AER-DAT") ? BY_EXTENSION : 0,
    layout: (size) => aedat2Layout("aedat1", size),
  },
  {
    name: "aedat2",
    title: "AEDAT 2.0 (DVS128, DAVIS)",
    extensions: [".aedat"],
    sniff: (head) => (beginsWith(head, "#!AER-DAT2") ? SURE : 0),
    layout: (size) => aedat2Layout("aedat2", size),
  },
  {
    name: "aedat3",
    title: "AEDAT 3.0 and 3.1",
    extensions: [".aedat"],
    sniff: (head) => (beginsWith(head, "#!AER-DAT3") ? SURE : 0),
    layout: aedat3Layout,
  },
  {
    name: "aedat4",
    title: "AEDAT 4 (plain, LZ4, zstd)",
    extensions: [".aedat4"],
    sniff: (head) => (beginsWith(head, AEDAT4_MAGIC) ? SURE : 0),
    layout: aedat4Layout,
  },
  {
    name: "es",
    title: "Event Stream 2 (DVS, ATIS, colour)",
    extensions: [".es"],
    sniff: (head) => (beginsWith(head, ES_MAGIC) ? SURE : 0),
    layout: esLayout,
  },
  {
    name: "nmnist",
    title: "N-MNIST and N-Caltech101",
    extensions: [".bin", ".bs2"],
    sniff: (head, extension) => ([".bin", ".bs2"].includes(extension) && fitsNmnist(head) ? FITS : 0),
    layout: nmnistLayout,
  },
  {
    name: "csv",
    title: "text, one event a line",
    extensions: [".csv", ".txt"],
    sniff: (head, extension) => (isNumberText(head) ? ([".csv", ".txt"].includes(extension) ? FITS : BY_EXTENSION) : 0),
    layout: csvLayout,
  },
  {
    name: "bridge",
    title: "our bridge to microcontrollers, as captured",
    extensions: [".bridge"],
    sniff: (head, extension) => (holdsBridgeFrame(head) ? SURE : extension === ".bridge" ? BY_EXTENSION : 0),
    layout: bridgeLayout,
  },
  {
    name: "openmv",
    title: "OpenMV with a GenX320, over USB: EVR1 and evtstream",
    extensions: [],
    sniff: (head) => (OPENMV_MARKS.some((mark) => mark.equals(head.subarray(0, mark.length))) ? SURE : 0),
    layout: openmvLayout,
  },
  ...EDVS_NAMES.map((name): RecordingFormat => ({
    name,
    title: `eDVS, serial, event format ${name.slice(-2).toUpperCase()}`,
    extensions: [],
    sniff: () => 0,
    layout: (size, line) => edvsLayout(name, size, line),
  })),
];

/** Files that are something else, which users may well give us. */
const FOREIGN: readonly { readonly begins: string; readonly what: string }[] = [
  { begins: "\x89HDF\r\n", what: "an HDF5 file" },
  { begins: "\x89MCAP0", what: "an MCAP file" },
  { begins: "#ROSBAG", what: "a ROS bag" },
  { begins: "PK\x03\x04", what: "a zip or npz file" },
  { begins: "\x93NUMPY", what: "a NumPy array" },
];

export const isFormatName = (name: string): name is FormatName => (FORMAT_NAMES as readonly string[]).includes(name);

/**
 * The format of a recording, by its first bytes and its extension.
 * @param head up to SNIFF_BYTES   @param extension with the dot   @param name what to call the file in errors
 * @throws SaccadeError RECORDING_EMPTY, FORMAT_UNKNOWN, FORMAT_AMBIGUOUS, RECORDING_UNSUPPORTED
 */
export function detectFormat(head: Uint8Array, extension: string, name: string): FormatName {
  if (head.length === 0) throw new SaccadeError("RECORDING_EMPTY", `${name} holds no bytes`, "record it again");
  const encoding = rawEncoding(head);
  if (encoding !== undefined && !isEvtName(encoding))
    throw new SaccadeError(
      "RECORDING_UNSUPPORTED",
      `${name} is a RAW file of ${encoding}, which holds no single events`,
      "record EVT2, EVT2.1, EVT3 or EVT4",
    );
  const scores = FORMATS.map((format) => ({ name: format.name, score: format.sniff(head, extension.toLowerCase()) }));
  const best = Math.max(...scores.map(({ score }) => score));
  const candidates = scores.filter(({ score }) => score === best).map((candidate) => candidate.name);
  if (best === 0) {
    const foreign = FOREIGN.find(({ begins }) => beginsWith(head, begins));
    throw new SaccadeError(
      "FORMAT_UNKNOWN",
      `${name} is ${foreign ? foreign.what : "no recording that is known"}`,
      `name its format with --as, one of ${FORMAT_NAMES.join(" ")}`,
    );
  }
  if (candidates.length > 1)
    throw new SaccadeError("FORMAT_AMBIGUOUS", `${name} may be ${candidates.join(" or ")}`, "name its format with --as");
  return candidates[0]!;
}

/** @throws SaccadeError FORMAT_UNKNOWN when `name` is no format */
export function createDecoder(name: string, options: DecoderOptions = {}): RecordingDecoder {
  const format = FORMATS.find((candidate) => candidate.name === name);
  if (!format) throw new SaccadeError("FORMAT_UNKNOWN", `"${name}" is no recording format`, `choose one of ${FORMAT_NAMES.join(" ")}`);
  return new RecordingDecoder(format.layout(options.size, options));
}

/** The encoding that a Prophesee RAW header names; undefined when there is no such header or it does not say. */
function rawEncoding(head: Uint8Array): string | undefined {
  return head[0] === PERCENT ? readPropheseeHeader(head, true)?.encoding : undefined;
}

/** N-MNIST files have no mark; their times do not fall, which bytes of anything else do soon. */
function fitsNmnist(head: Uint8Array): boolean {
  let before = 0;
  for (let at = 0; at + NMNIST_EVENT_BYTES <= head.length && at < 200 * NMNIST_EVENT_BYTES; at += NMNIST_EVENT_BYTES) {
    const time = ((head[at + 2]! & 0x7f) << 16) | (head[at + 3]! << 8) | head[at + 4]!;
    if (time < before) return false;
    before = time;
  }
  return head.length >= NMNIST_EVENT_BYTES;
}

/** Only printable characters, with digits among them, and something between the numbers. */
function isNumberText(head: Uint8Array): boolean {
  const text = decodeLatin1(head.subarray(0, 4096));
  return /^[\t\n\r\x20-\x7e\xb5\xc2]+$/.test(text) && /\d[\s,;]/.test(text);
}
