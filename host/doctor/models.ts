import { readFile } from "node:fs/promises";
import { readPackage } from "../../models/package/reader.js";
import { ModelError } from "../../models/errors.js";
import type { Config, ModelConfig } from "../config/config.js";
import { codeOf, fail, type Finding, ok } from "./finding.js";

/** Whether every package can be read, and was made for the sensors that it is to see. */
export async function checkModels({ models, sources }: Config): Promise<Finding[]> {
  const findings = [...models].map(async ([name, model]) => {
    const readers = [...sources].filter(([, source]) => source.models.includes(name));
    return checkModel(`model ${name}`, model, readers.flatMap(([source, { size }]) => (size === undefined ? [] : [{ source, size }])));
  });
  return Promise.all(findings);
}

interface Reader {
  readonly source: string;
  readonly size: { readonly width: number; readonly height: number };
}

async function checkModel(check: string, { package: path }: ModelConfig, readers: readonly Reader[]): Promise<Finding> {
  try {
    const { card } = await readPackage(await readFile(path));
    if (card.sensor.kind === "none") return ok(check, `${card.name} ${card.version}`);
    const { width, height } = card.sensor;
    const strange = readers.find(({ size }) => size.width !== width || size.height !== height);
    if (strange === undefined) return ok(check, `${card.name} ${card.version}, for a sensor of ${width}x${height}`);
    const { source, size } = strange;
    return fail(check, `it is for a sensor of ${width}x${height}, and ${source} has ${size.width}x${size.height}`, "choose a model that was made for this sensor");
  } catch (error) {
    if (error instanceof ModelError) return fail(check, `${path}: ${error.message}`, error.remedy);
    return fail(check, `${path} cannot be read (${codeOf(error)})`, "check its permissions");
  }
}
