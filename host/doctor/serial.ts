import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { basename, join } from "node:path";
import type { SerialInput } from "../config/config.js";
import { SaccadeError } from "../errors.js";
import { findPort, listPorts } from "../sources/ports.js";
import { codeOf, fail, type Finding, ok, type Roots, warn } from "./finding.js";
import { holdersOf, processesNamed } from "./holders.js";

/** Milliseconds that a USB converter may wait for more before it passes bytes on. */
const LATENCY_MILLIS = 2;

/** Every port that the system has: may this user open it, and has somebody else got it. */
export async function checkPorts(roots: Roots): Promise<Finding[]> {
  const ports = await listPorts(roots);
  if (ports.length === 0) return [ok("ports", "no serial ports: nothing is plugged in, or nothing that is a serial port")];
  const findings = await Promise.all(ports.map(({ path }) => checkPort(path, roots)));
  return [...findings.flat(), ...(await checkModemManager(roots))];
}

/** A port that a source names. */
export async function checkNamedPort(source: string, { port }: SerialInput, roots: Roots): Promise<Finding[]> {
  const check = `source ${source}`;
  try {
    const path = await findPort(port, roots);
    if (path !== undefined && (await access(path).then(() => true, () => false)))
      return path.startsWith(`${roots.dev}/`) && (await isListed(path, roots)) ? [ok(check, `${port} is ${path}`)] : checkPort(path, roots);
  } catch (error) {
    if (error instanceof SaccadeError) return [fail(check, error.message, error.remedy)];
    throw error;
  }
  return [fail(check, `${port} is not there`, "plug it in, and compare its name with: saccade ports")];
}

async function isListed(path: string, roots: Roots): Promise<boolean> {
  return (await listPorts(roots)).some((port) => port.path === path);
}

/** Nothing is opened: that alone would start some boards anew. */
async function checkPort(path: string, roots: Roots): Promise<Finding[]> {
  const check = `port ${path}`;
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    return [fail(check, `it may not be opened by ${userInfo().username} (${codeOf(error)})`, await permissionRemedy(path, roots))];
  }
  const holders = await holdersOf(path, roots);
  if (holders.length > 0) {
    const who = holders.map(({ pid, command }) => `${command} (process ${pid})`).join(", ");
    return [warn(check, `${who} has it open`, "stop that, unless it is this gateway itself")];
  }
  return [ok(check, "it may be opened, and nobody has it open as far as this user may see"), ...(await checkLatency(path, roots))];
}

async function permissionRemedy(path: string, { etc }: Roots): Promise<string> {
  const { gid, mode } = await stat(path);
  if (gid === 0 || (mode & 0o060) !== 0o060) return `give it to the group of serial ports: sudo chgrp dialout ${path} && sudo chmod g+rw ${path}; a udev rule makes it last`;
  const groups = await readFile(join(etc, "group"), "utf8").catch(() => "");
  const name = groups.split("\n").map((line) => line.split(":")).find(([, , id]) => Number(id) === gid)?.[0] ?? String(gid);
  return `run: sudo usermod -aG ${name} ${userInfo().username}, and log in again`;
}

/** FTDI's converters hold bytes back for 16 ms as they are sold. */
async function checkLatency(path: string, { sys }: Roots): Promise<Finding[]> {
  const file = join(sys, "class", "tty", basename(path), "device", "latency_timer");
  const millis = Number(await readFile(file, "utf8").catch(() => "0"));
  if (!(millis > LATENCY_MILLIS)) return [];
  return [warn(`port ${path}`, `its converter holds bytes back for up to ${millis} ms`, `run: echo 1 | sudo tee ${file}`)];
}

/** It opens every new port and talks to it, for it might be a modem. */
async function checkModemManager(roots: Roots): Promise<Finding[]> {
  const [pid] = await processesNamed("ModemManager", roots);
  if (pid === undefined) return [];
  return [warn("ModemManager", `it runs (process ${pid}), and takes new ports for modems for some seconds`, "run: sudo systemctl disable --now ModemManager")];
}
