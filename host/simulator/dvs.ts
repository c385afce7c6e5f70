import type { Micros } from "../types.js";
import type { EventColumns } from "./columns.js";
import type { Random } from "./random.js";
import type { Scene } from "./scene.js";

/** What makes a real pixel unlike its neighbour. */
export interface DvsOptions {
  /** Change of log light that makes an event, > 0. */
  readonly thresholdOn: number;
  readonly thresholdOff: number;
  /** Deviation of each pixel's thresholds, as a part of them. */
  readonly mismatch: number;
  /** Deviation of each event's threshold, as a part of it. */
  readonly thresholdNoise: number;
  /** A pixel sees nothing for this long after an event, µs. */
  readonly refractoryMicros: number;
  /** Time constant of the photoreceptor, µs; 0 follows light at once. */
  readonly receptorMicros: number;
  /** Events that nothing in the scene caused, of each pixel a second. */
  readonly noiseHertz: number;
  /** Part of the noise that is ON, 0..1: leakage in the pixel looks like light. */
  readonly noiseOn: number;
  /** Part of the pixels that are hot, and their noise. */
  readonly hotPixels: number;
  readonly hotHertz: number;
}

/** Chosen so that events, pixels and intervals match N-MNIST's (test/simulator/realism.test.ts). */
export const ATIS_LIKE: DvsOptions = {
  thresholdOn: 0.228,
  thresholdOff: 0.228,
  mismatch: 0.06,
  thresholdNoise: 0.08,
  refractoryMicros: 500,
  receptorMicros: 2000,
  noiseHertz: 0.3,
  noiseOn: 0.7,
  hotPixels: 0.001,
  hotHertz: 20,
};

/**
 * A DVS128 as in the eight recordings of dvs128-actions (people who walk, stand up and sit down; AEDAT2), the four of which with the camera on
 * its side (cam255) say: 0.019 to 0.025 noise events of each pixel a second, 94 to 98 % of them ON; 18,000 to 22,000 events a second while
 * somebody moves (28,000 to 33,000 at most), 53 % of them ON; a pixel that is lit has 1.4 to 1.6 events in 50 ms, and never more than 7;
 * a hundredth of all pixels' intervals is below 11 to 16 ms, but for the pairs that a sensor's bus makes: a refractory time of some 10 ms.
 */
export const DVS128_LIKE: DvsOptions = {
  thresholdOn: 0.22,
  thresholdOff: 0.22,
  mismatch: 0.12,
  thresholdNoise: 0.08,
  refractoryMicros: 9000,
  receptorMicros: 3000,
  noiseHertz: 0.022,
  noiseOn: 0.95,
  hotPixels: 0.0003,
  hotHertz: 2,
};

const LEAST_LIGHT = 1e-6;
/** Pixels and polarity share the low bits of a sort key: time, then pixel, then polarity. */
const KEY_PIXELS = 2 ** 21;

/**
 * An event camera's pixels: each remembers the log light of its last event and fires when it has moved by a threshold.
 * Light between two looks at the scene is taken as a straight line in the log, and events get the time of the crossing.
 * Source: Lichtsteiner, Posch, Delbruck 2008, doi:10.1109/JSSC.2007.914337, for the pixel.
 */
export class DvsSensor {
  readonly #light: Float32Array;
  /** The light whose logarithm is in #target. */
  readonly #lightBefore: Float32Array;
  readonly #target: Float64Array;
  /** 1 for a pixel that has come to rest: it stays as it is until its light changes. */
  readonly #atRest: Uint8Array;
  /** What the receptor says, log light. */
  readonly #seen: Float64Array;
  /** Log light at the last event. */
  readonly #reference: Float64Array;
  readonly #thresholdOn: Float64Array;
  readonly #thresholdOff: Float64Array;
  /** The next event's threshold, as a part of the pixel's own. */
  readonly #luck: Float64Array;
  /** When the pixel can fire again. */
  readonly #readyAt: Float64Array;
  readonly #hot: readonly number[];
  readonly #noiseRate: number;
  readonly #keys: number[] = [];
  #scene: Scene;
  #now: Micros = 0;
  #nextNoise: Micros;

  constructor(scene: Scene, readonly options: DvsOptions, readonly random: Random) {
    const pixels = scene.width * scene.height;
    if (pixels * 2 > KEY_PIXELS) throw new RangeError(`a sensor of ${scene.width} × ${scene.height} pixels is too large`);
    const column = (): Float64Array => new Float64Array(pixels);
    [this.#seen, this.#reference, this.#luck, this.#readyAt] = [column(), column(), column(), column()];
    [this.#thresholdOn, this.#thresholdOff] = [column(), column()];
    this.#light = new Float32Array(pixels);
    this.#lightBefore = new Float32Array(pixels);
    this.#target = column();
    this.#atRest = new Uint8Array(pixels);
    for (let i = 0; i < pixels; i++) {
      this.#thresholdOn[i] = options.thresholdOn * spread(random, options.mismatch);
      this.#thresholdOff[i] = options.thresholdOff * spread(random, options.mismatch);
    }
    this.#hot = Array.from({ length: pixels }, (_, i) => i).filter(() => random.uniform() < options.hotPixels);
    this.#noiseRate = (pixels * options.noiseHertz + this.#hot.length * options.hotHertz) / 1e6;
    this.#nextNoise = random.wait(this.#noiseRate);
    this.#scene = scene;
    this.look(scene, 0);
  }

  /** Looks at a scene of the same size from t on, as if the shutter opened now: the change itself makes no events. */
  look(scene: Scene, t: Micros): void {
    const { random } = this;
    this.#scene = scene;
    this.#now = t;
    scene.render(t, this.#light);
    for (let i = 0; i < this.#light.length; i++) {
      this.#lightBefore[i] = this.#light[i]!;
      this.#target[i] = Math.log(Math.max(LEAST_LIGHT, this.#light[i]!));
      this.#seen[i] = this.#target[i]!;
      // Each pixel is somewhere on the way to its next event.
      this.#reference[i] = this.#seen[i]! + random.between(-0.5 * this.#thresholdOn[i]!, 0.5 * this.#thresholdOff[i]!);
      this.#luck[i] = spread(random, this.options.thresholdNoise);
      this.#readyAt[i] = t;
      this.#atRest[i] = 0;
    }
  }

  /** Looks on until t and appends what the pixels fired, in order of time, then pixel. @param t  later than the last call's */
  expose(t: Micros, events: EventColumns): void {
    const from = this.#now;
    this.#scene.render(t, this.#light);
    const lights = this.#light;
    const lightsBefore = this.#lightBefore;
    const targets = this.#target;
    const atRest = this.#atRest;
    const seen = this.#seen;
    const readyAt = this.#readyAt;
    const references = this.#reference;
    const thresholdsOn = this.#thresholdOn;
    const thresholdsOff = this.#thresholdOff;
    const luck = this.#luck;
    const follow = this.options.receptorMicros === 0 ? 1 : 1 - Math.exp(-(t - from) / this.options.receptorMicros);
    this.#keys.length = 0;
    for (let i = 0; i < lights.length; i++) {
      const light = lights[i]!;
      // A logarithm costs more than all the rest, and most of a picture does not change.
      if (light !== lightsBefore[i]) {
        lightsBefore[i] = light;
        targets[i] = Math.log(Math.max(LEAST_LIGHT, light));
        atRest[i] = 0;
      } else if (atRest[i] === 1) continue;
      const before = seen[i]!;
      const after = before + follow * (targets[i]! - before);
      seen[i] = after;
      if (readyAt[i]! <= from) {
        if (after === before) atRest[i] = 1;
        const moved = after - references[i]!;
        if (moved > 0 ? moved < thresholdsOn[i]! * luck[i]! : -moved < thresholdsOff[i]! * luck[i]!) continue;
      }
      this.#fire(i, from, t, before, after);
    }
    this.#addNoise(t);
    this.#now = t;
    this.#hand(from, events);
  }

  /** The events of one pixel while its log light goes from `before` to `after`. */
  #fire(i: number, from: Micros, to: Micros, before: number, after: number): void {
    const slope = (after - before) / (to - from);
    let at = from;
    for (;;) {
      const ready = this.#readyAt[i]!;
      if (ready >= to) return;
      if (ready > at) {
        // Held in reset until now: changes in between are forgotten.
        at = ready;
        this.#reference[i] = before + slope * (at - from);
      }
      const moved = after - this.#reference[i]!;
      const threshold = (moved > 0 ? this.#thresholdOn[i]! : this.#thresholdOff[i]!) * this.#luck[i]!;
      if (Math.abs(moved) < threshold) return;
      const crossing = this.#reference[i]! + Math.sign(moved) * threshold;
      at = slope === 0 ? at : Math.max(at, Math.min(to, from + (crossing - before) / slope));
      this.#keep(at - from, i, moved > 0 ? 1 : 0);
      this.#reference[i] = crossing;
      this.#readyAt[i] = at + this.options.refractoryMicros;
      this.#luck[i] = spread(this.random, this.options.thresholdNoise);
    }
  }

  #addNoise(to: Micros): void {
    const { random, options } = this;
    while (this.#nextNoise < to) {
      const hotShare = (this.#hot.length * options.hotHertz) / 1e6 / this.#noiseRate;
      const pixel = random.uniform() < hotShare ? random.pick(this.#hot) : random.below(this.#light.length);
      if (this.#nextNoise >= this.#now) this.#keep(this.#nextNoise - this.#now, pixel, random.uniform() < options.noiseOn ? 1 : 0);
      this.#nextNoise += random.wait(this.#noiseRate);
    }
  }

  #keep(sinceMicros: number, pixel: number, polarity: number): void {
    this.#keys.push(Math.floor(sinceMicros) * KEY_PIXELS + pixel * 2 + polarity);
  }

  #hand(from: Micros, events: EventColumns): void {
    const { width } = this.#scene;
    for (const key of Float64Array.from(this.#keys).sort()) {
      const low = key % KEY_PIXELS;
      const pixel = low >> 1;
      events.push(from + (key - low) / KEY_PIXELS, pixel % width, Math.floor(pixel / width), low & 1);
    }
  }
}

/** A factor about 1, never below a fifth. */
function spread(random: Random, deviation: number): number {
  return Math.max(0.2, 1 + deviation * random.normal());
}
