import { EventColumns } from "../columns.js";
import { DVS128_LIKE, DvsSensor, type DvsOptions } from "../dvs.js";
import { LOOK_MICROS } from "../look.js";
import { pacer } from "../pace.js";
import { Random } from "../random.js";
import { laterScene } from "../scene.js";
import type { Events, Interval, Micros, SensorSize } from "../../types.js";
import { ACTOR_SIZE, actorScene } from "./scene.js";
import { ACTOR_LABELS, playOf } from "./sequence.js";

export interface ActorStreamOptions {
  readonly seed: number;
  /** What to do, each once in every round, in an order by chance; default all that the actor knows. */
  readonly labels?: readonly string[];
  /** Acts to play, without those that only get the actor up or down in between; default without end. */
  readonly count?: number;
  /** "real": no batch comes before its time; "max" (default): as fast as they are asked for. */
  readonly pace?: "real" | "max";
  /** Rest between acts. Default 600,000 to 1,000,000 µs. */
  readonly restMicros?: { readonly least: Micros; readonly most: Micros };
  /** Length of a batch. Default 20,000 µs. */
  readonly batchMicros?: Micros;
  readonly size?: SensorSize;
  readonly sensor?: DvsOptions;
  readonly signal?: AbortSignal;
}

export interface ActorBatch {
  /** Valid until the next batch is asked for. */
  readonly events: Events;
  /** The batch ends here; its events are before it. */
  readonly until: Micros;
  /** What the actor is doing as the batch ends; undefined at rest. */
  readonly truth: Interval | undefined;
}

/** So many acts are played by one person in one room; then another comes in, as if a curtain had been drawn: that makes no events. */
const ACTS_A_PERSON = 6;

/** Labels by chance: all before one comes again, and, where there are several, never the same twice in a row, so that a change can be seen. */
function shuffler(labels: readonly string[], random: Random): () => string {
  let left: string[] = [];
  let last: string | undefined;
  return () => {
    if (left.length === 0) left = [...labels];
    const others = left.filter((label) => label !== last);
    last = random.pick(others.length === 0 ? left : others);
    left.splice(left.indexOf(last), 1);
    return last;
  };
}

/** People before one sensor who do one thing after the other: batches of events with the truth beside them. */
export async function* simulateActor(options: ActorStreamOptions): AsyncGenerator<ActorBatch, void, undefined> {
  const { seed, labels = ACTOR_LABELS, batchMicros = 20_000, signal, restMicros = { least: 600_000, most: 1_000_000 } } = options;
  const random = new Random(seed);
  const wait = options.pace === "real" ? pacer(signal) : async () => undefined;
  const events = new EventColumns();
  let sensor: DvsSensor | undefined;
  let start: Micros = 0;
  let left = options.count ?? Number.POSITIVE_INFINITY;
  const draw = shuffler(labels, random);
  while (left > 0) {
    const wanted: string[] = [];
    while (wanted.length < Math.min(ACTS_A_PERSON, left)) wanted.push(draw());
    left -= wanted.length;
    const play = playOf(wanted, random, { restMicros });
    const from = start;
    const scene = laterScene(actorScene((t) => play.poseAt(t), random, options.size ?? ACTOR_SIZE), from);
    if (sensor === undefined) sensor = new DvsSensor(scene, options.sensor ?? DVS128_LIKE, random);
    else sensor.look(scene, from);
    const acts = play.acts.map((act) => ({ ...act, start: act.start + from, end: act.end + from }));
    for (let t = from; t < from + play.micros; ) {
      const until = Math.min(from + play.micros, t + batchMicros);
      events.clear();
      while (t < until) sensor.expose((t = Math.min(until, t + LOOK_MICROS)), events);
      await wait(until);
      if (signal?.aborted) return;
      yield { events, until, truth: acts.find((act) => act.start < until && until <= act.end) };
    }
    start = from + play.micros;
  }
}
