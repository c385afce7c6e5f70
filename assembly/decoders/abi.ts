/**
 * What the decoders' module and its host agree on: numbers only, read by asc and by tsc alike.
 *
 *   0 ▶ 1024 DROPS ▶ COMPRESS ▶ FILL ▶ BLOCK (bytes in) ▶ T ▶ X ▶ Y ▶ P (columns out) ▶ MEMORY_BYTES
 */

/** Bytes that wait to be read. */
export const BLOCK_BYTES = 65536;
/** Events that one call gives. */
export const BATCH_EVENTS = 8192;
/** Entries behind the last of a column, which whole-vector stores may spoil. */
export const SPARE_EVENTS = 64;

/** Why a decoder leaves something out, or moves it: one u32 counter each, which the host empties. */
export const enum Drop {
  OutsideSensor = 0,
  BeforeTimeBase = 1,
  BeforeRow = 2,
  WithoutVectorBase = 3,
  TimeBackwards = 4,
  Trigger = 5,
  Imu = 6,
  MonitorWord = 7,
  UnknownWord = 8,
  TimeJump = 9,
}
export const DROPS = 10;

/** u32[DROPS] */
export const DROPS_AT = 1024;
/** u8[256, 16]: for each mask of eight lanes, where the lanes whose bit is set come from when they move together. */
export const COMPRESS_AT = 2048;
/** u8[256, 16]: for each mask of eight lanes, the last lane up to this one whose bit is set, 255 where there is none. */
export const FILL_AT = 6144;
export const BLOCK_AT = 10240;
/** f64, µs. */
export const T_AT = BLOCK_AT + BLOCK_BYTES;
/** u16 */
export const X_AT = T_AT + 8 * (BATCH_EVENTS + SPARE_EVENTS);
/** u16 */
export const Y_AT = X_AT + 2 * (BATCH_EVENTS + SPARE_EVENTS);
/** u8, 0 OFF, 1 ON */
export const P_AT = Y_AT + 2 * (BATCH_EVENTS + SPARE_EVENTS);
export const MEMORY_BYTES = P_AT + BATCH_EVENTS + SPARE_EVENTS;
