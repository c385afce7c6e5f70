import { isMapping } from "./environment.js";
import type { Path, Problems } from "./problem.js";
import { nearest } from "./distance.js";
import { checkSource } from "./check-source.js";
import { inputPlace } from "./input-place.js";
import type { Value } from "./yaml.js";

/**
 * What a schema cannot say: names that have to exist, things that exclude each other. Takes any value, so that one misspelt key does not
 * hide what else is wrong; what already has an error is passed over.
 */
export function checkTogether(value: Value, problems: Problems): void {
  if (!isMapping(value)) return;
  const models = isMapping(value["models"]) ? value["models"] : {};
  const sources = isMapping(value["sources"]) ? value["sources"] : {};
  const broker = isMapping(value["mqtt"]) ? value["mqtt"] : undefined;
  if (broker !== undefined) checkBroker(broker, problems);
  for (const [name, source] of Object.entries(sources)) {
    if (!isMapping(source)) continue;
    for (const key of ["models", "results"]) checkModelNames(source[key], ["sources", name, key], Object.keys(models), problems);
    checkSource(source, ["sources", name], problems);
    if (isMapping(source["mqtt"]) && value["mqtt"] === undefined)
      problems.add(["sources", name, "mqtt"], "this source's packets come by MQTT, and there is no broker", "write mqtt: {url: mqtt://localhost:1883} at the top", { key: true });
  }
  checkUnused(models, sources, problems);
  checkShared(sources, typeof broker?.["base"] === "string" ? broker["base"] : "saccade", problems);
}

function checkModelNames(named: Value, path: Path, known: readonly string[], problems: Problems): void {
  if (!Array.isArray(named)) return;
  named.forEach((name: unknown, i) => {
    const at = [...path, String(i)];
    if (typeof name !== "string" || known.includes(name) || problems.has(at)) return;
    const near = nearest(name, known);
    const suggestion = near !== undefined ? `did you mean ${near}?`
      : known.length > 0 ? `write one of ${known.join(", ")}, or add it to models` : `add it to models: {${name}: nmnist}`;
    problems.add(at, `there is no model ${JSON.stringify(name)}`, suggestion);
  });
}

function checkUnused(models: Record<string, Value>, sources: Record<string, Value>, problems: Problems): void {
  const named = (value: Value): readonly Value[] => (Array.isArray(value) ? value : []);
  const used = new Set(Object.values(sources).flatMap((source) => (isMapping(source) ? [...named(source["models"]), ...named(source["results"])] : [])));
  for (const name of Object.keys(models)) {
    if (used.has(name)) continue;
    problems.add(["models", name], "no source uses this model", `write models: [${name}] in a source, or leave it away`, { key: true, severity: "warning" });
  }
}

function checkBroker({ url, password, username }: Record<string, Value>, problems: Problems): void {
  const at = ["mqtt", "url"];
  if (typeof url === "string" && !problems.has(at)) {
    const broker = URL.canParse(url) ? new URL(url) : undefined;
    if (broker === undefined || !/^(mqtts?|wss?):$/.test(broker.protocol) || broker.hostname === "")
      problems.add(at, "the broker's address is no URL that is understood", "write it like mqtt://localhost:1883 or mqtts://host");
    else if (username === undefined && broker.username === "" && password !== undefined)
      problems.add(["mqtt", "password"], "a password without a user", "write username beside it", { key: true });
  }
}

/** A port, a socket or a topic has one reader. */
function checkShared(sources: Record<string, Value>, base: string, problems: Problems): void {
  const readers: { readonly source: string; readonly place: ReturnType<typeof inputPlace> }[] = [];
  for (const [source, value] of Object.entries(sources)) {
    if (!isMapping(value)) continue;
    const place = inputPlace(value, source, base);
    if (place === undefined) continue;
    const other = readers.find((reader) => reader.place!.conflicts(place));
    if (other !== undefined)
      problems.add(["sources", source, ...place.path], `${other.source} reads ${place.what} too`, `give ${source} its own, or leave one of the two away`,
        { key: value[place.path[0]!] === undefined });
    readers.push({ source, place });
  }
}
