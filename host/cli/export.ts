import { join } from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { exportC } from "../../models/export/c-source.js";
import { identifierOf, NAME_PATTERN } from "../../models/export/c-text.js";
import { loadEngine } from "../engine/engine.js";
import { SaccadeError } from "../errors.js";
import { openPackage } from "../network.js";
import { writeFileWhole } from "../writers/file-sink.js";
import { addTargetOptions, mustFit, targetOf, type TargetOptions } from "./target-options.js";
import { makeFolder } from "./folder.js";
import { whole } from "./text.js";

interface ExportOptions extends TargetOptions {
  readonly target: "c";
  readonly out: string;
  readonly name?: string;
  readonly json?: boolean;
}

/** `saccade export PKG`: a package as a source file for the engine on a microcontroller. */
export function addExport(program: Command): void {
  const command = program
    .command("export")
    .description("write a package as C for the engine on a microcontroller (saccade.h)")
    .argument("<package>", "a package file, or the name of one in the zoo")
    .addOption(new Option("--target <language>", "what to write").choices(["c"]).default("c"))
    .requiredOption("-o, --out <folder>", "where NAME.h and NAME.c go; it is made if it is not there")
    .option("--name <name>", "what files and identifiers are called; default: the package's own name", parseName);
  addTargetOptions(command)
    .option("--json", "print one JSON object")
    .action(writeExport);
}

function parseName(text: string): string {
  if (!NAME_PATTERN.test(text)) throw new InvalidArgumentError("It has to be of a..z, 0..9 and _, at most 40, and not begin with _.");
  return text;
}

/** The engine's gate and the self-test see the package first: what fails here would fail on the board. */
async function writeExport(named: string, options: ExportOptions): Promise<void> {
  const pkg = await openPackage(named);
  await loadEngine(pkg);
  const found = mustFit(pkg, targetOf(options, undefined));
  const name = options.name ?? identifierOf(pkg.card.name);
  if (name === "") throw new SaccadeError("USAGE", "the package's name has no letter that C allows", "say --name NAME");
  const { header, source } = exportC(pkg, name);
  await makeFolder(options.out);
  const files = [[`${name}.h`, header], [`${name}.c`, source]] as const;
  for (const [file, text] of files) await writeFileWhole(join(options.out, file), (sink) => sink.write(Buffer.from(text)));
  const flash = found.flash.network, ram = found.ram.arena + found.ram.state;
  if (options.json) process.stdout.write(`${JSON.stringify({ name, files: files.map(([file]) => file), flash_bytes: flash, ram_bytes: ram })}\n`);
  else process.stdout.write(`${files.map(([file]) => join(options.out, file)).join(", ")}: ${whole(flash)} bytes of flash, ${whole(ram)} of RAM beside the engine's own\n`);
}
