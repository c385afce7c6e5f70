import { raw, u32, type WordCase } from "./word-case.js";

export const OTHER_CASES: readonly WordCase[] = [
  {
    name: "DAT: the time wraps after 2^32 µs",
    format: "dat",
    bytes: raw("% Version 2\n", Buffer.from([0, 8]), u32(0xffffffff, (1 << 28) | (3 << 14) | 4, 1, (5 << 14) | 6)),
    events: [
      [2 ** 32 - 1, 4, 3, 1],
      [2 ** 32 + 1, 6, 5, 0],
    ],
  },
  { name: "DAT: no header, bare events", format: "dat", bytes: u32(7, (1 << 28) | (2 << 14) | 1), events: [[7, 1, 2, 1]] },
  {
    name: "DAT: triggers are no pixel events",
    format: "dat",
    bytes: raw("% Version 2\n", Buffer.from([14, 8])),
    events: [],
    error: "RECORDING_UNSUPPORTED",
  },
  {
    name: "DAT: events of another length",
    format: "dat",
    bytes: raw("% Version 2\n", Buffer.from([0, 16])),
    events: [],
    error: "RECORDING_CORRUPT",
  },
  {
    name: "DAT: an unknown version",
    format: "dat",
    bytes: raw("% Version 3\n", Buffer.from([0, 8])),
    events: [],
    error: "RECORDING_UNSUPPORTED",
  },
  {
    name: "N-MNIST: row 240 adds 8192 µs to all that follows",
    format: "nmnist",
    bytes: Buffer.from([1, 2, 0x80, 0, 9, 0, 240, 0, 0, 0, 3, 4, 0, 0, 9]),
    events: [
      [9, 1, 2, 1],
      [8201, 3, 4, 0],
    ],
  },
  {
    name: "ES: a reset marker does nothing, 0xFF adds 127",
    format: "es",
    bytes: raw("Event Stream", Buffer.from([2, 0, 0, 1, 4, 0, 3, 0, 0xfe, 0xff, 3, 1, 0, 0, 0])),
    events: [[128, 1, 2, 1]],
    size: { width: 4, height: 3 },
  },
  {
    name: "ES: ATIS exposures are counted",
    format: "es",
    bytes: raw("Event Stream", Buffer.from([2, 0, 0, 2, 4, 0, 3, 0, 0xff, 1, 0, 0, 0, 0, 6, 1, 0, 2, 0, 3, 0, 0, 0, 0])),
    events: [[190, 1, 0, 1]],
    drops: { exposure: 2 },
    size: { width: 4, height: 3 },
  },
  {
    name: "ES: bytes of any kind are refused",
    format: "es",
    bytes: raw("Event Stream", Buffer.from([2, 0, 0, 0, 1, 1])),
    events: [],
    error: "RECORDING_UNSUPPORTED",
  },
  {
    name: "ES: version 1",
    format: "es",
    bytes: raw("Event Stream", Buffer.from([1, 0, 0, 1, 4, 0, 3, 0])),
    events: [],
    error: "RECORDING_UNSUPPORTED",
  },
  {
    name: "ES: a sensor with no pixels",
    format: "es",
    bytes: raw("Event Stream", Buffer.from([2, 0, 0, 1, 0, 0, 3, 0])),
    events: [],
    error: "RECORDING_CORRUPT",
  },
  { name: "nothing at all", format: "es", bytes: Buffer.alloc(0), events: [], error: "RECORDING_EMPTY" },
];
