import { SaccadeError } from "../errors.js";
import type { Drops, Events, SensorSize } from "../types.js";
import { createDenoiser, type Denoiser, type DenoiseOptions } from "./denoiser.js";

/** Whatever gives the events of one sensor. */
export interface NoisyEvents {
  readonly size: SensorSize | undefined;
  readonly drops: Drops;
  readonly live?: boolean;
  decode(): AsyncIterable<Events>;
}

/** The same without its noise. Batches that nothing is left of are not given. Each pass begins with filters at rest. */
export interface DenoisedEvents {
  readonly size: SensorSize | undefined;
  /** Those of what is underneath, and of the filters. */
  readonly drops: Drops;
  readonly live: boolean;
  /** @throws SaccadeError SENSOR_SIZE_UNKNOWN when neither the recording nor the caller says it */
  decode(): AsyncGenerator<Events>;
}

/**
 * @param usual the sensor's size where the source does not know it
 * @throws SaccadeError CONFIG_INVALID for a number out of its range
 */
export function denoised(source: NoisyEvents, options: DenoiseOptions, usual?: SensorSize): DenoisedEvents {
  createDenoiser(options, { width: 1, height: 1 });
  let denoiser: Denoiser | undefined;
  return {
    get size() {
      return source.size;
    },
    get drops() {
      return added(source.drops, denoiser?.drops ?? {});
    },
    live: source.live ?? false,
    async *decode() {
      denoiser = undefined;
      for await (const events of source.decode()) {
        const filter = (denoiser ??= createDenoiser(options, known(source.size ?? usual)));
        const kept = filter.filter(events);
        if (kept.count > 0) yield kept;
      }
    },
  };
}

/** By reason: what is underneath may have filters of its own. */
function added(drops: Drops, more: Drops): Drops {
  const sum = { ...drops };
  for (const [reason, count] of Object.entries(more)) sum[reason] = (sum[reason] ?? 0) + count;
  return sum;
}

function known(size: SensorSize | undefined): SensorSize {
  if (size !== undefined) return size;
  throw new SaccadeError("SENSOR_SIZE_UNKNOWN", "noise has neighbours only on a sensor whose size is known, and the recording does not say it",
    "give it with --size WIDTHxHEIGHT, or leave the filters out");
}
