import { type Command, InvalidArgumentError, Option } from "commander";
import { actorRecording } from "../simulator/actor/recording.js";
import { ACTOR_SIZE } from "../simulator/actor/scene.js";
import { ACTOR_LABELS, unknownAct } from "../simulator/actor/sequence.js";
import { Random } from "../simulator/random.js";
import { parseWhole } from "./parse.js";
import { Progress } from "./progress.js";
import { addSceneOptions, reportRecordings, type SceneOptions } from "./scene-options.js";
import { RecordingFolder } from "./simulated-recordings.js";

/** The label of a recording of several actions, and of nothing. */
const IDLE = "idle";
/** Rest about the one action of a recording, and between those of a sequence. */
const SHORT_REST = { least: 100_000, most: 300_000 } as const;
const REST = { least: 600_000, most: 1_000_000 } as const;

interface ActorOptions extends SceneOptions {
  readonly actions?: readonly string[];
  readonly count?: number;
  readonly sequence?: readonly string[];
}

/** `saccade simulate actor`: a simulated person who acts, each time another in another room. */
export function addSimulateActor(simulate: Command): void {
  addSceneOptions(simulate.command("actor").description("a simulated person who acts, before a DVS128"))
    .option("--actions <names>", "what to do, a recording each, in turn; default all that the actor knows", parseActs)
    .option("--count <n>", "recordings; default one of each action", parseWhole(1))
    .addOption(new Option("--sequence <names>", "one recording of these in order, with rests in between: names, or all").argParser(parseActs).conflicts(["actions", "count"]))
    .addHelpText("after", `\nThe actor knows: ${ACTOR_LABELS.join(", ")}.`)
    .action(simulateActor);
}

function parseActs(text: string): readonly string[] {
  const acts = text === "all" ? ACTOR_LABELS : text.split(",");
  const stranger = unknownAct(acts);
  if (stranger !== undefined) throw new InvalidArgumentError(`The actor does not know "${stranger}"; it knows ${ACTOR_LABELS.join(", ")}.`);
  return acts;
}

async function simulateActor(options: ActorOptions): Promise<void> {
  const folder = await RecordingFolder.make(options.out, ACTOR_SIZE, options.to);
  if (options.sequence !== undefined) {
    const { events, acts, micros } = actorRecording(options.seed, options.sequence, REST);
    await folder.add("sequence", events, IDLE, { end: micros, intervals: acts });
    return reportRecordings(await folder.end([...ACTOR_LABELS, IDLE]), 1, folder.events, options);
  }
  const actions = options.actions ?? ACTOR_LABELS;
  const count = options.count ?? actions.length;
  const seeds = new Random(options.seed);
  const progress = new Progress("recordings", count);
  for (let index = 0; index < count; index++) {
    const label = actions[index % actions.length]!;
    const { events, acts, micros } = actorRecording(seeds.bits(), [label], SHORT_REST);
    await folder.add(`${String(index).padStart(6, "0")}-${label}`, events, label, { end: micros, intervals: acts });
    progress.show(index + 1);
  }
  progress.end();
  reportRecordings(await folder.end(ACTOR_LABELS), count, folder.events, options);
}
