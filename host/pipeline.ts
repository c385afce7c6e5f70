import { setTimeout as sleep } from "node:timers/promises";
import { denoised } from "./denoise/denoised.js";
import type { Engine } from "./engine/engine.js";
import type { EnginePool, PoolStream } from "./engine/pool.js";
import type { Stream } from "./engine/stream.js";
import { runWindow } from "./engine/window.js";
import { SaccadeError } from "./errors.js";
import { liveWindows } from "./framing/live-windows.js";
import { Windower } from "./framing/windower.js";
import { ClassificationHead } from "./heads/head.js";
import { logitFractionBits } from "./heads/logit-scale.js";
import type { Author } from "./publishers/author.js";
import type { EventMessage } from "./publishers/messages.js";
import type { Publisher } from "./publishers/publisher.js";
import type { Tally } from "./tally.js";
import type { Card, Decision, Drops, Events, Inference, LoadedPackage, Micros, SensorSize, Window } from "./types.js";

/** Source and decoder in one: events of one sensor or recording. */
export interface EventSource {
  /** What the recording says of its sensor, from the first batch on; undefined when it says nothing. */
  readonly size: SensorSize | undefined;
  readonly drops: Drops;
  /** A sensor: its windows are closed by the clock too, and when the engine does not keep up the oldest that waits is dropped. */
  readonly live?: boolean;
  decode(): AsyncIterable<Events>;
}

/** An engine that is loaded with a package, and the stream of one sensor in it. */
export interface Network {
  readonly pkg: LoadedPackage;
  readonly engine: Engine;
  readonly stream: Stream;
}

export interface Stages extends Network {
  readonly source: EventSource;
  /** "real": windows come no sooner than the sensor would have given them. */
  readonly speed: "max" | "real";
  readonly author: Author;
  readonly publishers: readonly Publisher[];
  /** Runs the engine in a thread of this pool, which holds the same package; without it in line. */
  readonly pool?: EnginePool | undefined;
  readonly onInference?: (inference: Inference) => void;
}

/** source ▶ decode ▶ frame ▶ engine ▶ head ▶ publish, until the source ends. The stream begins at rest. */
export async function runPipeline(stages: Stages, tally: Tally): Promise<void> {
  const { source, speed, pkg, author, publishers, pool } = stages;
  const framed = frame(source, pkg.card, tally);
  const windows = speed === "real" ? atSensorPace(framed) : framed;
  const whenFull = source.live ? "drop-oldest" : "wait";
  const inferences =
    pool === undefined
      ? infer(windows, stages, tally)
      : inferInPool(windows, pool.open({ whenFull, inParts: source.live ?? false, state: pkg.card.framing.state }), tally);
  const decisions = decide(stages.onInference ? observed(inferences, stages.onInference) : inferences, pkg);
  for await (const message of write(decisions, author)) for (const publisher of publishers) await publisher.publish(message);
}

/**
 * decode ▶ frame, without the noise that the card names; the windows of a live source come in parts.
 * @throws SENSOR_MISMATCH when the recording is of another sensor than the package's.
 */
export async function* frame(given: EventSource, card: Card, tally: Tally): AsyncGenerator<Window> {
  const source = quiet(given, card);
  const windower = new Windower(card.framing, source.live);
  const batches = checked(source, card, tally);
  const followed = [tally.follow(() => source.drops), tally.follow(() => windower.drops)];
  try {
    if (source.live) for await (const window of liveWindows(batches, windower)) yield counted(window, tally);
    else {
      for await (const events of batches) for (const window of windower.push(events)) yield counted(window, tally);
      for (const window of windower.end()) yield counted(window, tally);
    }
  } finally {
    for (const done of followed) done();
  }
}

function quiet(source: EventSource, { denoise, sensor }: Card): EventSource {
  return denoise === undefined ? source : denoised(source, denoise, sensor.kind === "dvs" ? sensor : undefined);
}

/** The source's batches, once it is known to be of the package's sensor. */
async function* checked(source: EventSource, card: Card, tally: Tally): AsyncGenerator<Events> {
  let first = true;
  for await (const events of source.decode()) {
    if (first) checkSensor(source.size, card);
    first = false;
    tally.events += events.count;
    yield events;
  }
  if (first) checkSensor(source.size, card);
}

function counted(window: Window, tally: Tally): Window {
  if (window.part?.last ?? true) tally.windows++;
  return window;
}

function checkSensor(size: SensorSize | undefined, { name, sensor }: Card): void {
  if (sensor.kind === "none")
    throw new SaccadeError("SENSOR_MISMATCH", `the package ${name} takes no events of a sensor`, "use a package for an event camera");
  if (size === undefined || (size.width === sensor.width && size.height === sensor.height)) return;
  const [recorded, wanted] = [size, sensor].map(({ width, height }) => `${width}x${height}`);
  const what = `the recording is of a ${recorded} sensor, the package ${name} is for ${wanted}`;
  throw new SaccadeError("SENSOR_MISMATCH", what, `use a package for ${recorded}, or a recording of ${wanted}`);
}

/** frame ▶ engine: the logits of each window, a copy. Potentials live on from window to window where the card says so, until the clock begins anew. */
export async function* infer(windows: AsyncIterable<Window>, network: Network, tally: Tally): AsyncGenerator<Inference> {
  const { engine, stream, pkg } = network;
  const startsAtRest = pkg.card.framing.state === "reset";
  stream.reset();
  let inferMicros = 0, known = 0;
  for await (const { index, restarts, start, end, events, sliceEnds, part } of windows) {
    const began = performance.now();
    const begins = (part?.firstSlice ?? 0) === 0;
    if (begins && (startsAtRest || restarts !== known)) stream.reset();
    known = restarts;
    const { outside, saturated } = runWindow(engine, stream, events, sliceEnds, begins);
    const latencyMicros = Math.round((performance.now() - began) * 1000);
    inferMicros = begins ? latencyMicros : inferMicros + latencyMicros;
    tally.drop("outside_sensor", outside);
    tally.drop("frame_saturated", saturated);
    if (part !== undefined && !part.last) continue;
    tally.inferences++;
    const window = { index, restarts, start, end, events: (part?.earlierEvents ?? 0) + events.count };
    yield { window, logits: engine.logits.slice(), inferMicros, latencyMicros };
  }
}

/** The same in a thread of the pool: windows go on being made while it runs. The results and their order are those of `infer`. */
export async function* inferInPool(windows: AsyncIterable<Window>, stream: PoolStream, tally: Tally): AsyncGenerator<Inference> {
  const feeding = feed(windows, stream);
  const followed = tally.follow(() => stream.drops);
  // Its error is thrown when the results have ended.
  feeding.catch(() => undefined);
  try {
    for await (const { outside, saturated, ...inference } of stream.results()) {
      tally.inferences++;
      tally.drop("outside_sensor", outside);
      tally.drop("frame_saturated", saturated);
      yield inference;
    }
    await feeding;
  } finally {
    followed();
    stream.close();
  }
}

async function feed(windows: AsyncIterable<Window>, stream: PoolStream): Promise<void> {
  try {
    for await (const window of windows) if (!(await stream.put(window))) return;
  } finally {
    stream.finish();
  }
}

/** engine ▶ head; a head of its own for each time that the sensor's clock begins anew. */
export async function* decide(inferences: AsyncIterable<Inference>, { card, plan }: LoadedPackage): AsyncGenerator<Decision> {
  const atRest = (): ClassificationHead => new ClassificationHead({ ...card, fractionBits: logitFractionBits(plan) });
  let head = atRest(), known = 0;
  for await (const inference of inferences) {
    const { restarts } = inference.window;
    if (restarts !== known) {
      yield* head.end();
      head = atRest();
      known = restarts;
    }
    yield* head.decide(inference);
  }
  yield* head.end();
}

/** head ▶ publish: the messages that are worth saying. */
async function* write(decisions: AsyncIterable<Decision>, author: Author): AsyncGenerator<EventMessage> {
  for await (const decision of decisions) {
    const message = author.write(decision);
    if (message !== undefined) yield message;
  }
}

async function* observed(inferences: AsyncIterable<Inference>, see: (inference: Inference) => void): AsyncGenerator<Inference> {
  for await (const inference of inferences) {
    see(inference);
    yield inference;
  }
}

/** Holds each window until its end has come, counted from the start of the first. */
async function* atSensorPace(windows: AsyncIterable<Window>): AsyncGenerator<Window> {
  let origin: Micros | undefined;
  for await (const window of windows) {
    const now = performance.now() * 1000;
    origin ??= now - window.start;
    const wait = origin + window.end - now;
    if (wait > 0) await sleep(wait / 1000);
    yield window;
  }
}
