import { InvalidArgumentError } from "commander";
import { denoised } from "../denoise/denoised.js";
import type { DenoiseOptions } from "../denoise/denoiser.js";
import { MOST_MICROS } from "../denoise/filter.js";
import { MOST_RATE } from "../denoise/hot-pixels.js";
import type { Recording } from "../recording.js";
import type { Card } from "../types.js";

/** `--denoise`: the filters by name, in any order. */
export const DENOISE_OPTION = [
  "--denoise <filters>",
  "take noise out first: background-activity=5ms,refractory=1ms,hot-pixels=1000, or some of them",
  parseDenoise,
] as const;

const MICROS_A_UNIT = { us: 1, "µs": 1, ms: 1000, s: 1_000_000 } as const;
type Unit = keyof typeof MICROS_A_UNIT;

const FILTERS: Readonly<Record<string, { readonly key: keyof DenoiseOptions; parse(text: string): number | undefined; readonly form: string }>> = {
  "background-activity": { key: "backgroundActivityMicros", parse: parseMicros, form: "a time from 1us to 60s, such as 5ms" },
  refractory: { key: "refractoryMicros", parse: parseMicros, form: "a time from 1us to 60s, such as 1ms" },
  "hot-pixels": { key: "hotPixelRate", parse: parseRate, form: `events a second, a whole number from 1 to ${MOST_RATE}` },
};

/** NAME=VALUE, several with commas between. @throws InvalidArgumentError */
export function parseDenoise(text: string): DenoiseOptions {
  const options: Partial<Record<keyof DenoiseOptions, number>> = {};
  for (const part of text.split(",")) {
    const [, name = "", value = ""] = /^\s*([a-z-]+)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
    if (filter === undefined) throw new InvalidArgumentError(`It is made of ${Object.keys(FILTERS).map((known) => `${known}=…`).join(", ")}.`);
    if (options[filter.key] !== undefined) throw new InvalidArgumentError(`It has ${name} twice.`);
    const number = filter.parse(value);
    if (number === undefined) throw new InvalidArgumentError(`${name} has to be ${filter.form}.`);
    options[filter.key] = number;
  }
  return options;
}

function parseMicros(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,8})(us|µs|ms|s)$/.exec(text) ?? [];
  const micros = Number(digits) * (MICROS_A_UNIT[unit as Unit] ?? NaN);
  return micros >= 1 && micros <= MOST_MICROS ? micros : undefined;
}

function parseRate(text: string): number | undefined {
  const rate = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  return rate >= 1 && rate <= MOST_RATE ? rate : undefined;
}

/**
 * The recording without its noise, or as it is when no filter is wished.
 * @param sensor that of the package, for recordings that do not say theirs
 */
export function denoisedRecording(recording: Recording, options: DenoiseOptions | undefined, sensor?: Card["sensor"]): Recording {
  if (options === undefined) return recording;
  const quiet = denoised(recording, options, sensor?.kind === "dvs" ? sensor : undefined), { path, format, size } = recording;
  return {
    path,
    format,
    size,
    get drops() {
      return quiet.drops;
    },
    decode: () => quiet.decode(),
  };
}
