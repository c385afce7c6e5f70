import { readDataset } from "../../host/cli/dataset.js";
import type { EventSource } from "../../host/pipeline.js";
import { openRecording } from "../../host/recording.js";
import { actorRecording } from "../../host/simulator/actor/recording.js";
import { ACTOR_SIZE } from "../../host/simulator/actor/scene.js";
import { DVS128_LIKE, DvsSensor } from "../../host/simulator/dvs.js";
import { watched } from "../../host/simulator/look.js";
import { Random } from "../../host/simulator/random.js";
import { blankScene } from "../../host/simulator/scene.js";
import type { Events, Interval } from "../../host/types.js";

/** A recording that thresholds are tried on, with what is done in it. */
export interface Shown {
  readonly source: EventSource;
  readonly intervals: readonly Interval[];
}

/** None that demo, tests or training show. */
const FIRST_SEED = 1000;
const REST = { least: 600_000, most: 1_000_000 };
const IDLE_SEEDS = 5, IDLE_MICROS = 60_000_000;

/** New people of the actor, each of whom does all of these in an order of their own, with rests in between. */
export async function* actors(people: number, labels: readonly string[]): AsyncGenerator<Shown> {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + people; seed++) {
    const { events, acts } = actorRecording(seed, shuffled(labels, new Random(seed)), REST);
    yield { source: sourceOf(events), intervals: acts };
  }
}

/** Empty rooms, of which the sensor's own noise is left; and the actor's people, who stand and sway. */
export async function* nothings(): AsyncGenerator<Shown> {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + IDLE_SEEDS; seed++) {
    const room = watched(new DvsSensor(blankScene(ACTOR_SIZE), DVS128_LIKE, new Random(seed)), IDLE_MICROS);
    const person = actorRecording(seed, [], { least: IDLE_MICROS, most: IDLE_MICROS }).events;
    for (const events of [room, person]) yield { source: sourceOf(events), intervals: [] };
  }
}

/** The recordings of a dataset.json. */
export async function* listed(path: string): AsyncGenerator<Shown> {
  const { samples, sensor } = await readDataset(path);
  for (const { path: file, format, intervals = [] } of samples) yield { source: await openRecording(file, { format, size: sensor }), intervals };
}

function sourceOf(events: Events): EventSource {
  return { size: ACTOR_SIZE, drops: {}, async *decode() { yield events; } };
}

function shuffled(labels: readonly string[], random: Random): string[] {
  const order = [...labels];
  for (let left = order.length; left > 1; left--) {
    const at = random.below(left);
    [order[at], order[left - 1]] = [order[left - 1]!, order[at]!];
  }
  return order;
}
