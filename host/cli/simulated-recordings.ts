import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Events, SensorSize } from "../types.js";
import { refuse, writeFileWhole } from "../writers/file-sink.js";
import { createWriter, type WriteName } from "../writers/formats.js";
import { makeFolder } from "./folder.js";

/** Formats of a simulated recording, with the extension of their files. */
export const EXTENSIONS = { evt3: ".raw", evt2: ".raw", aedat4: ".aedat4", csv: ".csv" } as const satisfies Partial<Record<WriteName, string>>;
export type SimulatedFormat = keyof typeof EXTENSIONS;

const DATASET = "dataset.json";

interface SimulatedSample {
  readonly file: string;
  readonly format: SimulatedFormat;
  readonly label: string;
}

/** A folder of recordings that grows, and at the end its dataset.json. */
export class RecordingFolder {
  readonly #samples: SimulatedSample[] = [];
  events = 0;

  private constructor(readonly path: string, readonly size: SensorSize, readonly format: SimulatedFormat) {}

  /** @throws SaccadeError FILE_UNWRITABLE */
  static async make(path: string, size: SensorSize, format: SimulatedFormat): Promise<RecordingFolder> {
    await makeFolder(path);
    return new RecordingFolder(path, size, format);
  }

  /** @param name of the file, without extension   @param facts what dataset.json also says of it */
  async add(name: string, events: Events, label: string, facts: object = {}): Promise<void> {
    const file = `${name}${EXTENSIONS[this.format]}`;
    if (this.#samples.length === 0) await this.#removeFormer();
    await writeRecording(join(this.path, file), events, this.size, this.format);
    this.#samples.push({ file, format: this.format, label, ...facts });
    this.events += events.count;
  }

  /** Of recordings that are replaced from now on a former list would say what is no longer true. */
  async #removeFormer(): Promise<void> {
    const former = join(this.path, DATASET);
    await rm(former, { force: true }).catch((cause: unknown) => refuse(former, cause));
  }

  /** @returns the path of the dataset.json */
  async end(labels: readonly string[]): Promise<string> {
    const dataset = { task: "classification", sensor: { kind: "dvs", ...this.size }, labels, samples: this.#samples };
    const path = join(this.path, DATASET);
    await writeFileWhole(path, (sink) => sink.write(Buffer.from(`${JSON.stringify(dataset, null, 1)}\n`)));
    return path;
  }
}

async function writeRecording(path: string, events: Events, size: SensorSize, format: SimulatedFormat): Promise<void> {
  const writer = createWriter(format, size);
  await writeFileWhole(path, async (sink) => {
    await sink.write(writer.begin());
    for (const bytes of writer.write(events)) await sink.write(bytes);
    for (const bytes of writer.end()) await sink.write(bytes);
    const patch = writer.patch?.();
    if (patch) await sink.patch(patch.at, patch.bytes);
  });
}
