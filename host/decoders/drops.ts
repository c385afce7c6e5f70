import type { Drops } from "../types.js";

/** Why a decoder skipped something, and in what unit it counts. `docs/formats.md` prints this table. */
export const DROP_REASONS = {
  outside_sensor: "events whose pixel the sensor does not have",
  before_time_base: "events before the stream said what time it is",
  before_row: "EVT3 events before the stream said which row it is in",
  without_vector_base: "EVT3 vector events with no column to start from",
  time_backwards: "events kept, but moved up to the latest time before them",
  time_jump: "times that the clock fell by more than 10 s and stayed there: time was taken anew",
  bad_time: "events whose time is negative or beyond 2^53 µs",
  invalid_event: "events that the recorder itself marked as invalid",
  unknown_word: "words of no known type",
  malformed_line: "text lines that are not an event",
  trigger: "external trigger words or packets",
  monitor_word: "sensor housekeeping words",
  imu: "inertial words or packets",
  frame: "intensity samples or frame packets",
  exposure: "ATIS exposure events",
  other_stream: "packets of another camera or of an unknown kind",
  packet_corrupt: "packets that could not be unpacked",
  frame_lost: "numbered frames that did not arrive whole, by the gaps in their numbers",
  frame_repeated: "frames that arrived twice",
  device_lost: "events and other items that the device says it lost before they came to the line",
  device_reset: "resets of the device, in the middle: its time goes on from the latest before",
  bad_checksum: "frames and packets that their checksum refutes",
  bad_frame: "frames and packets whose fields contradict each other",
  no_return: "measurements in which the sensor saw nothing, or said that it is not sure",
  invalid_column: "columns that the sensor itself marked as invalid",
  same_return: "second returns that repeat the first",
  next_lost: "points that only the frame after theirs could have told, which was lost",
  reply: "answers of the sensor to commands, among its measurements",
  missing_packet: "packets that are missing by the sensor's own count",
  fragment: "network fragments that never became whole",
  resync_bytes: "bytes passed over to find the next packet",
  torn_tail: "bytes of an unfinished record at the end",
} as const;

export type DropReason = keyof typeof DROP_REASONS;

/** Adds to a counter; a reason appears only once something was dropped for it. */
export function drop(drops: Drops, reason: DropReason, amount = 1): void {
  if (amount > 0) drops[reason] = (drops[reason] ?? 0) + amount;
}
