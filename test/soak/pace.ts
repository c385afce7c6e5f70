import { Listener, type Heard } from "./listener.js";
import { BAUD, type Kind, type Sent } from "./protocol.js";
import { check, type Check, descriptors, MemoryWatch, type SoakResult } from "./result.js";

const KINDS: readonly Kind[] = ["edvs", "ld19", "bridge"];
/** MiB a minute in the second half; short runs are still warming up, and tell nothing. */
const MOST_SLOPE = 1, LEAST_MINUTES_FOR_SLOPE = 2;
/** An eDVS tells 16 bits of its time: later by most of 65 ms, and nobody knows how often it has wrapped. */
const MOST_BEHIND_MILLIS = 50;

/** Devices at the pace of their lines, all at once; nothing may be lost. */
export async function paceSoak(minutes: number, kinds: readonly Kind[] = KINDS): Promise<SoakResult> {
  await new Listener("ld19", 0.2).run();
  const before = descriptors(), memory = new MemoryWatch();
  const runs = await Promise.all(kinds.map(async (kind) => ({ kind, ...(await new Listener(kind, 60 * minutes).run()) })));
  const { peak, slope } = memory.stop(), after = descriptors();
  const checks = runs.flatMap(({ kind, sent, heard }) => checksOf(kind, sent, heard));
  checks.push(check("descriptors left open", after === before, after - before));
  if (minutes >= LEAST_MINUTES_FOR_SLOPE) checks.push(check("memory, MiB a minute", slope <= MOST_SLOPE, slope.toFixed(3)));
  const figures = Object.fromEntries(runs.map(({ kind, sent, heard }) => [kind, figuresOf(sent, heard)]));
  return { name: `pace: ${kinds.join(", ")} for ${minutes} minutes`, checks, figures: { ...figures, rss_peak_mib: Math.round(peak), rss_slope_mib_a_minute: slope } };
}

function checksOf(kind: Kind, sent: Sent, { items, bytes, digest, drops, bridge, openings }: Heard): Check[] {
  const { no_return: unseen = 0, reply = 0, time_backwards: backwards = 0, device_lost: device = 0, ...lost } = drops;
  const decoded = items + unseen, answers = kind === "edvs" ? reply : 0;
  const checks = [
    check(`${kind}: sent = decoded`, decoded + sent.dropped === sent.items && sent.items > 0,
      `${sent.items} made, ${sent.dropped} had no room at the device, ${decoded} decoded, ${unseen} of them of nothing seen`),
    check(`${kind}: nothing dropped here`, Object.keys(lost).length === 0 && device <= sent.dropped, lost),
    check(`${kind}: nothing dropped there`, sent.dropped === 0, sent.dropped, true),
    check(`${kind}: bytes`, bytes >= sent.bytes, `${sent.bytes} sent, ${bytes} came, ${answers} answers`),
    check(`${kind}: opened once`, openings === 1, openings),
    check(`${kind}: the device kept its pace`, sent.behindMillis <= MOST_BEHIND_MILLIS, `${Math.round(sent.behindMillis)} ms behind at worst`, true),
  ];
  const [times, ...pixels] = digest.split(" "), [timesSent, ...pixelsSent] = sent.digest.split(" ");
  if (kind !== "ld19") {
    // Of a device that had to drop, nobody knows which.
    checks.push(check(`${kind}: digests of x, y, p`, sent.dropped > 0 || pixels.join() === pixelsSent.join(), pixels.join(" ")));
    checks.push(check(`${kind}: digest of t, no time moved`, times === timesSent && backwards === 0, `${times}, ${backwards} moved`, true));
  }
  if (kind !== "bridge")
    checks.push(check(`${kind}: bytes a second`, Math.abs(sent.bytesPerSecond / (BAUD[kind] / 10) - 1) < 0.02, Math.round(sent.bytesPerSecond), true));
  if (bridge) checks.push(check("bridge: frames missing", bridge.inbox.counters.lost === 0, bridge.inbox.counters.lost));
  return checks;
}

const figuresOf = ({ bytes, frames, items, bytesPerSecond, behindMillis }: Sent, { items: decoded }: Heard): object =>
  ({ bytes, frames, items, decoded, bytes_a_second: Math.round(bytesPerSecond), worst_behind_ms: Math.round(behindMillis) });

/** Bits flipped with a chance each: every good frame is used, and lost + good = sent. */
export async function errorsSoak(seconds: number, chance = 1e-3): Promise<SoakResult> {
  const runs = await Promise.all(KINDS.map(async (kind) => ({ kind, ...(await new Listener(kind, seconds, chance).run()) })));
  const checks = runs.flatMap(({ kind, sent, heard }) => {
    if (kind === "ld19") return ld19Checks(sent, heard);
    return kind === "bridge" ? bridgeChecks(sent, heard) : edvsChecks(sent, heard);
  });
  return { name: `bit errors of ${chance} for ${seconds} s`, checks, figures: Object.fromEntries(runs.map(({ kind, sent, heard }) =>
    [kind, { frames: sent.frames, hit: sent.hit, items: heard.items, drops: heard.drops }])) };
}

const LD19_FRAME = 47, LD19_POINTS = 12;

function ld19Checks({ bytes, frames, hit }: Sent, { items, drops }: Heard): Check[] {
  const { no_return: unseen = 0, bad_frame: bad = 0, resync_bytes: lost = 0, torn_tail: torn = 0 } = drops;
  const used = (items + unseen) / LD19_POINTS + bad, intact = frames - hit;
  return [
    check("ld19: every byte is used or counted", used * LD19_FRAME + lost + torn === bytes, `${used} frames, ${lost + torn} bytes of ${bytes}`),
    // A checksum of 8 bits passes one damaged frame in 256.
    check("ld19: used = not hit, and what CRC-8 lets pass", used >= intact && used - intact <= 0.01 * hit + 3, `${intact} not hit of ${frames}, ${used} used`),
  ];
}

function bridgeChecks({ frames, hit, hitAtEnds }: Sent, { bridge }: Heard): Check[] {
  const { good, lost } = bridge!.inbox.counters;
  return [
    check("bridge: good = not hit", good === frames - hit, `${frames - hit} not hit of ${frames}, ${good} good`),
    check("bridge: good + lost = sent", good + lost + hitAtEnds === frames, `${good} + ${lost}, and ${hitAtEnds} before the first or after the last`),
  ];
}

const EVENT_BYTES = 4, REPLY_BYTES = 7;

/** Events have no checksum: one whose mark stands is read as it is, so here bytes are accounted for, and few may be out of step. */
function edvsChecks({ bytes, frames, hit }: Sent, { items, drops, bytes: came }: Heard): Check[] {
  const { resync_bytes: lost = 0, reply = 0, torn_tail: torn = 0 } = drops;
  const rest = came - items * EVENT_BYTES - lost - torn;
  return [
    check("edvs: every byte is an event's, an answer's or counted", rest >= 0 && rest <= REPLY_BYTES + EVENT_BYTES * reply && came >= bytes,
      `${items} events, ${lost} bytes passed over, ${rest} of ${reply} answers, of ${came}`),
    check("edvs: events read", items >= frames - hit, `${frames - hit} not hit of ${frames}, ${items} read`),
  ];
}
