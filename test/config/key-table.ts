import { CONFIG_SCHEMA, type SchemaNode } from "../../host/config/schema.js";

/** The keys of a configuration as docs/configuration.md lists them, one row each, from the schema. */
export function keyTable(): string {
  const rows = [...keys(CONFIG_SCHEMA as SchemaNode, "")].map(([path, node, isRequired]) =>
    `| \`${path}\` | ${kindText(node)} | ${defaultText(node, isRequired)} | ${node.description!.replaceAll("|", "\\|")} |`);
  return ["| key | value | default | |", "|---|---|---|---|", ...rows].join("\n");
}

/** Every key with its path, in the order of the schema; NAME stands for a name that the user gives. */
function* keys(node: SchemaNode, above: string): Generator<readonly [path: string, node: SchemaNode, isRequired: boolean]> {
  for (const [key, part] of Object.entries(node.properties ?? {})) {
    yield [`${above}${key}`, part, node.required?.includes(key) ?? false];
    yield* keys(part, `${above}${key}.`);
    if (typeof part.additionalProperties === "object") yield* keys(part.additionalProperties, `${above}${key}.NAME.`);
  }
}

function kindText({ type, enum: words, minimum, maximum, "x-range": range, items }: SchemaNode): string {
  const n = (value: number): string => value.toLocaleString("en-US");
  if (range !== undefined) return `duration, ${range[0]} to ${range[1]}`;
  if (words !== undefined) return words.length > 8 ? "a word" : words.map((word) => `\`${String(word)}\``).join(" ");
  if (items !== undefined) return "list of names";
  if (minimum !== undefined && maximum !== undefined) return `${n(minimum)} to ${n(maximum)}`;
  return [type ?? []].flat().map((kind) => ({ object: "mapping", string: "text", boolean: "`true` `false`" })[kind] ?? kind).join(" or ");
}

function defaultText({ default: usual }: SchemaNode, isRequired: boolean): string {
  if (isRequired) return "**required**";
  return usual === undefined ? "" : `\`${typeof usual === "object" ? JSON.stringify(usual) : String(usual)}\``;
}
