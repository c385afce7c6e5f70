import type { Config } from "../config/config.js";
import { checkConfig } from "../config/load.js";
import { problemText } from "../config/problem.js";
import { checkBroker } from "./broker.js";
import { fail, type Finding, ok, type Roots, ROOTS, warn } from "./finding.js";
import { checkFolder } from "./folders.js";
import { checkClock, checkEngine, checkMemory, checkNode, checkPower } from "./machine.js";
import { checkModels } from "./models.js";
import { checkRate } from "./rates.js";
import { checkNamedPort, checkPorts } from "./serial.js";
import { checkUdp } from "./udp.js";

/** Free space below which it is told: a gateway's own state is small, recordings are not. */
const STATE_MIB = 16, RECORD_MIB = 1024;

/**
 * Looks at everything that is known to keep a gateway from working. Opens no sensor, starts no process, changes nothing.
 * @param file  a configuration; without one, what does not depend on it is looked at
 * @throws SaccadeError FILE_NOT_FOUND, FILE_UNREADABLE when the configuration that was named cannot be read
 */
export async function examine(file: string | undefined, roots: Roots = ROOTS): Promise<Finding[]> {
  const power = await checkPower(roots);
  const machine = [checkNode(), checkEngine(), checkMemory(), await checkClock(roots), ...(power === undefined ? [] : [power])];
  const ports = await checkPorts(roots);
  if (file === undefined) return [...machine, ...ports, ok("configuration", "none was found: sources and the broker are not looked at")];
  const { config, errors, warnings } = await checkConfig(file);
  const told = warnings.map((problem) => warn("configuration", problemText(file, problem), problem.suggestion));
  if (config === undefined) {
    const what = errors.length === 1 ? "it has a problem" : `it has ${errors.length} problems`;
    return [...machine, ...ports, ...told, fail("configuration", `${file}: ${what}`, `run: saccade config check ${file}`)];
  }
  return [...machine, ...ports, ...told, ok("configuration", `${file} is valid`), ...(await examineConfig(config, roots))];
}

async function examineConfig(config: Config, roots: Roots): Promise<Finding[]> {
  const findings: Finding[] = [...(await checkModels(config))];
  for (const [name, source] of config.sources) {
    const { input, record } = source;
    if (input.kind === "serial") findings.push(...(await checkNamedPort(name, input, roots)), ...checkRate(name, source, input));
    if (input.kind === "udp") findings.push(...(await checkUdp(name, input, roots)));
    if (record !== undefined) findings.push(await checkFolder(`source ${name}`, record, RECORD_MIB));
  }
  return [...findings, await checkFolder("state", config.stateFolder, STATE_MIB), ...(await checkBroker(config))];
}
