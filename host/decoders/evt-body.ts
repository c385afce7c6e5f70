import { BATCH_EVENTS, BLOCK_AT, BLOCK_BYTES, Drop, DROPS, DROPS_AT, P_AT, T_AT, X_AT, Y_AT } from "../../assembly/decoders/abi.js";
import type { Drops, SensorSize } from "../types.js";
import { EventBatch } from "./batch.js";
import { drop, type DropReason } from "./drops.js";
import { type DecoderInstance, instantiateDecoder } from "./module.js";
import { Block, type Body } from "./recording-decoder.js";

/** Pixels along a side that an 11-bit field can name: the bound when no size is known. */
const FIELD_SIDE = 1 << 11;

const REASONS: Readonly<Record<Drop, DropReason>> = {
  [Drop.OutsideSensor]: "outside_sensor",
  [Drop.BeforeTimeBase]: "before_time_base",
  [Drop.BeforeRow]: "before_row",
  [Drop.WithoutVectorBase]: "without_vector_base",
  [Drop.TimeBackwards]: "time_backwards",
  [Drop.Trigger]: "trigger",
  [Drop.Imu]: "imu",
  [Drop.MonitorWord]: "monitor_word",
  [Drop.UnknownWord]: "unknown_word",
  [Drop.TimeJump]: "time_jump",
};

/** Prophesee's encodings, by the exports that read their words; assembly/decoders says how each is laid out. */
export type Encoding = "evt2" | "evt21" | "evt21Legacy" | "evt3" | "evt4";

/** The words of a Prophesee RAW file, read in WebAssembly: block and batch are views of the instance's memory, so nothing is copied. */
export class EvtBody implements Body {
  readonly block: Block;
  readonly batch: EventBatch;
  readonly #instance: DecoderInstance;
  readonly #counters: Uint32Array;

  constructor(
    readonly drops: Drops,
    size: SensorSize | undefined,
    readonly encoding: Encoding,
  ) {
    this.#instance = instantiateDecoder();
    const { exports, buffer } = this.#instance;
    this.block = new Block(BLOCK_BYTES, buffer, BLOCK_AT);
    this.batch = new EventBatch(
      BATCH_EVENTS,
      new Float64Array(buffer, T_AT, BATCH_EVENTS),
      new Uint16Array(buffer, X_AT, BATCH_EVENTS),
      new Uint16Array(buffer, Y_AT, BATCH_EVENTS),
      new Uint8Array(buffer, P_AT, BATCH_EVENTS),
    );
    this.#counters = new Uint32Array(buffer, DROPS_AT, DROPS);
    exports.begin(size?.width ?? FIELD_SIDE, size?.height ?? FIELD_SIDE);
  }

  get understood(): boolean {
    return this.#instance.exports.understood() !== 0;
  }

  read(from: number, to: number): number {
    const { exports } = this.#instance;
    const next = exports[this.encoding](BLOCK_AT + from, BLOCK_AT + to);
    this.batch.count = exports.count();
    for (let reason: Drop = 0; reason < DROPS; reason++) drop(this.drops, REASONS[reason as Drop], this.#counters[reason]!);
    this.#counters.fill(0);
    return next - BLOCK_AT;
  }
}
