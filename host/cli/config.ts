import type { Command } from "commander";
import type { Problem } from "../config/problem.js";

/** `saccade config`: what `saccade run` reads, checked without running it. */
export function addConfig(program: Command): void {
  const config = program.command("config").description("check, explain and show the configuration of `saccade run`");
  config
    .command("check")
    .description("find everything that is wrong with a configuration, each with its line and a suggestion")
    .argument("[file]", "default: saccade.yaml, else /etc/saccade/saccade.yaml")
    .option("--json", "print one JSON object")
    .action(check);
  config
    .command("schema")
    .description("print the JSON Schema of configurations, for editors")
    .action(schema);
  config
    .command("show")
    .description("print a configuration in full, with its defaults and without its secrets")
    .argument("[file]", "default: saccade.yaml, else /etc/saccade/saccade.yaml")
    .option("--json", "print one JSON object")
    .action(show);
}

interface Options {
  readonly json?: boolean;
}

async function check(named: string | undefined, { json }: Options): Promise<void> {
  const { checkConfig, findConfig, invalidConfig } = await import("../config/load.js");
  const { problemLine } = await import("../config/problem.js");
  const file = named ?? (await findConfig());
  const { config, errors, warnings } = await checkConfig(file);
  if (json) process.stdout.write(`${JSON.stringify({ valid: config !== undefined, errors: errors.map(contractOf), warnings: warnings.map(contractOf) })}\n`);
  else for (const warning of warnings) process.stderr.write(`warning: ${problemLine(file, warning)}\n`);
  if (config === undefined) throw invalidConfig(file, errors);
  if (!json) process.stdout.write(`${file} is valid: ${count(config.sources.size, "source")}, ${count(config.models.size, "model")}\n`);
}

/** The contract of `saccade config check --json`. */
function contractOf({ line, column, path, message, suggestion }: Problem): object {
  return { line, column, path, message, suggestion };
}

async function schema(): Promise<void> {
  const { schemaText } = await import("../config/schema.js");
  process.stdout.write(schemaText());
}

async function show(named: string | undefined, { json }: Options): Promise<void> {
  const { findConfig, loadConfig } = await import("../config/load.js");
  const { shownConfig, shownYaml } = await import("../config/show.js");
  const config = await loadConfig(named ?? (await findConfig()));
  process.stdout.write(json ? `${JSON.stringify(shownConfig(config))}\n` : shownYaml(config));
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
