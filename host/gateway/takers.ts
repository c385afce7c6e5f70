import type { SourceConfig } from "../config/config.js";
import { createDenoiser, type Denoiser } from "../denoise/denoiser.js";
import { SaccadeError } from "../errors.js";
import type { Chunk } from "../sources/connection.js";
import type { Decoder, Drops, Events, PointDecoder } from "../types.js";
import type { Counters } from "./counters.js";
import type { FanOut } from "./fan-out.js";
import { endOf } from "./hearing.js";

export interface TakerOptions {
  readonly config: SourceConfig;
  readonly counters: Counters;
}

/** decode ▶ denoise ▶ models, batch by batch. */
export class EventTaker {
  #denoiser: Denoiser | undefined;
  constructor(readonly decoder: Decoder, readonly fan: FanOut, readonly options: TakerOptions) {}

  async chunk({ bytes, at }: Chunk): Promise<void> {
    for (const events of this.decoder.push(bytes, at)) await this.#give(events);
  }

  async end(): Promise<void> {
    for (const events of endOf(this.decoder)) await this.#give(events);
  }

  get drops(): Drops {
    return this.#denoiser?.drops ?? {};
  }

  async #give(events: Events): Promise<void> {
    this.options.counters.events += events.count;
    this.#denoiser ??= this.#makeDenoiser();
    await this.fan.put(this.#denoiser.filter(events));
  }

  /** Made at the first batch: then the sensor has said its size, if it ever does. */
  #makeDenoiser(): Denoiser {
    const { denoise, size } = this.options.config;
    const filtering = Object.values(denoise).some((value) => value !== undefined);
    const sensor = this.decoder.size ?? size;
    if (filtering && sensor === undefined)
      throw new SaccadeError("SENSOR_SIZE_UNKNOWN", "noise cannot be told apart without the sensor's size", "write it as size: WIDTHxHEIGHT");
    return createDenoiser(denoise, sensor ?? { width: 1, height: 1 });
  }
}

export class PointTaker {
  readonly drops: Drops = {};
  constructor(readonly decoder: PointDecoder, readonly counters: Counters) {}

  async chunk({ bytes, at }: Chunk): Promise<void> {
    for (const points of this.decoder.push(bytes, at)) this.#count(points);
  }

  async end(): Promise<void> {
    for (const points of endOf(this.decoder)) this.#count(points);
  }

  #count({ count, over }: { readonly count: number; readonly over: boolean }): void {
    this.counters.points += count;
    if (over) this.counters.scans++;
  }
}
