import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BUILDS } from "../engine/builds.js";
import { usableBuilds } from "../engine/instance.js";
import { SaccadeError } from "../errors.js";
import { fail, type Finding, ok, type Roots, warn } from "./finding.js";

/** The oldest Node that Saccade is tested with. */
const LEAST_NODE = [20, 19] as const;
const MIB = 1 << 20;
/** What a gateway with a small model takes, and what is too little even for that. */
const ROOM_MIB = 256, TIGHT_MIB = 96;
/** No machine's clock is earlier than this program. */
const EARLIEST = Date.UTC(2026, 0), LATEST = Date.UTC(2100, 0);

export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [least, leastMinor] = LEAST_NODE;
  if (major > least || (major === least && minor >= leastMinor)) return ok("node", `Node ${version}`);
  return fail("node", `Node ${version} is too old`, `install Node ${LEAST_NODE.join(".")} or later`);
}

/** Whether the engine's builds are there, compile, and compute a known answer rightly. */
export function checkEngine(): Finding {
  try {
    const usable = usableBuilds();
    const missing = BUILDS.filter((build) => !usable.includes(build));
    const what = `builds that compute rightly here: ${usable.join(", ")}`;
    if (usable.includes("simd")) return ok("engine", missing.length === 0 ? what : `${what} (${missing.join(", ")} not, and not needed)`);
    if (usable.length > 0) return warn("engine", `${what}; without SIMD it is several times slower`, "use a processor with 128-bit SIMD and a Node for it");
    return fail("engine", "no build of the engine computes rightly here", "install Node anew, for this very processor");
  } catch (error) {
    if (error instanceof SaccadeError) return fail("engine", error.message, error.remedy);
    throw error;
  }
}

/** Memory that this process may still take, limits of its control group included. */
export function checkMemory(bytes = process.availableMemory()): Finding {
  const mib = Math.floor(bytes / MIB);
  const what = `${mib.toLocaleString("en-US")} MiB free`;
  if (mib >= ROOM_MIB) return ok("memory", what);
  if (mib >= TIGHT_MIB) return warn("memory", what, "run few workers, and look what else runs here");
  return fail("memory", what, "stop what else runs here, or raise the unit's MemoryMax");
}

/** Whether the time is plausible, and whether something keeps it right. No process is asked; where nothing tells, it says so. */
export async function checkClock({ run }: Roots, now = Date.now()): Promise<Finding> {
  const said = new Date(now).toISOString().slice(0, 16).replace("T", " ");
  if (now < EARLIEST || now > LATEST)
    return fail("clock", `the clock says ${said} UTC`, "let the network set it (timedatectl set-ntp true); events carry its time");
  if (await exists(join(run, "systemd", "timesync", "synchronized"))) return ok("clock", `${said} UTC, set by the network`);
  if (await exists(join(run, "systemd", "timesync")))
    return warn("clock", `${said} UTC, not yet set by the network`, "wait, or look whether this machine reaches a time server: timedatectl timesync-status");
  return ok("clock", `${said} UTC; whether the network keeps it right is unknown here`);
}

/** Bits of a Raspberry Pi's word on its supply; 16 higher: it has been so since it was switched on. */
const THROTTLED = ["the voltage is too low", "the clock is capped", "it is slowed down", "it is too hot"] as const;
const UNDER_VOLTAGE = 1;

/** What a Raspberry Pi says of its supply; undefined on other machines. */
export async function checkPower({ sys }: Roots): Promise<Finding | undefined> {
  const text = await readFile(join(sys, "devices", "platform", "soc", "soc:firmware", "get_throttled"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const bits = Number.parseInt(text.trim().replace(/^0x/i, ""), 16);
  if (Number.isNaN(bits)) return ok("power", "unknown: the firmware's answer is not understood");
  if (bits === 0) return ok("power", "no under-voltage and no throttling since it was switched on");
  const now = THROTTLED.filter((_, bit) => bits & (1 << bit)), before = THROTTLED.filter((_, bit) => bits & (1 << (bit + 16)));
  const message = now.length > 0 ? now.join(", ") : `at some time since it was switched on: ${before.join(", ")}`;
  const low = (bits | (bits >>> 16)) & UNDER_VOLTAGE;
  return warn("power", message, low ? "use the maker's power supply and a short cable; sensors on USB draw from it too" : "cool it");
}

async function exists(path: string): Promise<boolean> {
  return readFile(path).then(() => true, (error: NodeJS.ErrnoException) => error.code === "EISDIR");
}
