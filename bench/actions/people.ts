import { readdirSync } from "node:fs";
import { join } from "node:path";
import { microsOf } from "../../host/cli/eval-decisions.js";
import { table } from "../../host/cli/text.js";
import type { EventSource, Network } from "../../host/pipeline.js";
import { openRecording } from "../../host/recording.js";
import type { Decision, Events } from "../../host/types.js";
import { said } from "./score.js";

const SIDE = 128;

/** Real recordings of people, with what was told of each: labels in order, with how long each was held. @param folder  of *.aedat; the label is in the name */
export async function peopleText(folder: string, network: Network): Promise<string> {
  const rows: (string | number)[][] = [["recording", "seconds", "told, and for how many seconds"]];
  for (const file of readdirSync(folder).filter(name => name.endsWith(".aedat")).sort()) {
    const recording = await openRecording(join(folder, file));
    const upright = file.startsWith("cam") ? turned(recording) : recording;
    const { decisions, looked } = await said(upright, network);
    rows.push([file, (microsOf(looked) / 1e6).toFixed(1), heldText(decisions)]);
  }
  return table(rows);
}

/** By a quarter to the right: the camera lay on its side. */
function turned(recording: EventSource): EventSource {
  async function* decode(): AsyncGenerator<Events> {
    for await (const { count, t, x, y, p } of recording.decode()) yield { count, t, x: y.map(value => SIDE - 1 - value), y: x, p };
  }
  return { size: recording.size, drops: recording.drops, decode };
}

function heldText(decisions: readonly Decision[]): string {
  const held = new Map<string, number>();
  for (const { kind, label, start, end } of decisions) if (kind === "end") held.set(label, (held.get(label) ?? 0) + (end! - start) / 1e6);
  return [...held].sort(([, a], [, b]) => b - a).map(([label, seconds]) => `${label} ${seconds.toFixed(1)}`).join(", ") || "nothing";
}
