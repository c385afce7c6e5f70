import { FrameKind } from "../../assembly/abi.js";
import type { Card, Denoise, Evidence, Framing, OpenSet, Score } from "./card.js";
import { Fields } from "./fields.js";
import type { Program } from "./program.js";

const MAX_NAME = 100;
const MAX_LABELS = 65536;
const MAX_LABEL = 200;
const MAX_SENSOR = 65535;
const MAX_MICROS = 3_600_000_000;
const MAX_WINDOW_EVENTS = 100_000_000;
const MAX_TIMESTEPS = 65536;
const MAX_VOTE = 1000;
/** Those of `host/denoise`, which a test compares. */
export const MOST_DENOISE_MICROS = 60_000_000;
export const MOST_DENOISE_RATE = 100_000;
/** Logits are i32. */
const MAX_LOGIT = 2 ** 31;
const MAX_FORGET = 8;
const MAX_LICENCE = 200;
const MAX_PROVENANCE = 64;
const MAX_PROVENANCE_TEXT = 4096;
const MAX_SCORES = 64;
const SEMVER = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]{1,64})?(\+[0-9A-Za-z.-]{1,64})?$/;

/** The engine's number for each kind of frame, by its name. */
export const FRAME_KINDS = {
  counts: FrameKind.Counts, "last-polarity": FrameKind.LastPolarity, points: FrameKind.Points,
} as const satisfies Record<Framing["frame"], FrameKind>;
const FRAMES = Object.keys(FRAME_KINDS) as Framing["frame"][];

/** A card from outside, field by field. @param fail  makes the error out of a sentence */
export function checkCard(value: unknown, fail: (what: string) => Error): Card {
  const card = new Fields("card", value, fail);
  const checked: Card = {
    name: card.text("name", MAX_NAME),
    version: card.text("version", MAX_NAME, SEMVER),
    task: card.word("task", ["classification", "none"]),
    labels: card.texts("labels", 0, MAX_LABELS, MAX_LABEL),
    sensor: checkSensor(card.record("sensor")),
    ...(card.has("denoise") ? { denoise: checkDenoise(card.record("denoise"), fail) } : {}),
    framing: checkFraming(card.record("framing"), fail),
    vote: checkVote(card.record("vote")),
    ...(card.has("openSet") ? { openSet: checkOpenSet(card.record("openSet"), fail) } : {}),
    licence: card.text("licence", MAX_LICENCE),
    provenance: checkProvenance(card.record("provenance"), fail),
    scores: card.records("scores", 0, MAX_SCORES).map(checkScore),
  };
  card.end();
  if (new Set(checked.labels).size < checked.labels.length) throw fail("card.labels holds one label twice");
  if (checked.denoise !== undefined && checked.sensor.kind === "none") throw fail("card.denoise is said of no sensor");
  const stranger = checked.openSet?.idle.find(label => !checked.labels.includes(label));
  if (stranger !== undefined) throw fail(`card.openSet.idle names ${JSON.stringify(stranger)}, which is none of the labels`);
  return checked;
}

/** The lowest package format that can say what the card says. */
export function formatFor({ denoise, framing, openSet }: Card): number {
  return denoise === undefined && openSet === undefined && framing.frame !== "points" ? 1 : 2;
}

/** Whether card and program speak of the same network. */
export function checkCardFits(card: Card, program: Omit<Program, "constants">, fail: (what: string) => Error): void {
  const { framing, sensor } = card;
  const input = program.tensors[program.input]!;
  const logits = program.tensors[program.outputs[0]!]!;
  const classes = logits.h * logits.w * logits.c;
  if (card.task === "classification" && card.labels.length !== classes)
    throw fail(`the card has ${card.labels.length} labels and the network ${classes} logits`);
  if (framing.timesteps !== program.timesteps)
    throw fail(`the card has ${framing.timesteps} timesteps and the plan ${program.timesteps}`);
  if (program.frame === FrameKind.None) {
    if (sensor.kind !== "none") throw fail("the card has a sensor and the plan takes no frames from events");
    return;
  }
  if (sensor.kind !== "dvs") throw fail("the plan takes frames from events and the card has no sensor");
  const { width, height } = program.sensor ?? { width: input.w, height: input.h };
  if (sensor.width !== width || sensor.height !== height)
    throw fail(`the card's sensor is ${sensor.width} × ${sensor.height} and the network's ${width} × ${height}`);
  if (FRAME_KINDS[framing.frame] !== program.frame) throw fail(`the card's frames are ${framing.frame} and the plan's are not`);
  if (framing.cap !== program.frameCap) throw fail(`the card caps counts at ${framing.cap} and the plan at ${program.frameCap}`);
}

function checkSensor(sensor: Fields): Card["sensor"] {
  const kind = sensor.word("kind", ["dvs", "none"]);
  const checked = kind === "none"
    ? { kind }
    : { kind, width: sensor.int("width", 1, MAX_SENSOR), height: sensor.int("height", 1, MAX_SENSOR) };
  sensor.end();
  return checked;
}

function checkDenoise(denoise: Fields, fail: (what: string) => Error): Denoise {
  const backgroundActivityMicros = denoise.optionalInt("backgroundActivityMicros", 1, MOST_DENOISE_MICROS);
  const refractoryMicros = denoise.optionalInt("refractoryMicros", 1, MOST_DENOISE_MICROS);
  const hotPixelRate = denoise.optionalInt("hotPixelRate", 1, MOST_DENOISE_RATE);
  const checked: Denoise = {
    ...(backgroundActivityMicros === undefined ? {} : { backgroundActivityMicros }),
    ...(refractoryMicros === undefined ? {} : { refractoryMicros }),
    ...(hotPixelRate === undefined ? {} : { hotPixelRate }),
  };
  denoise.end();
  if (Object.keys(checked).length === 0) throw fail("card.denoise names no filter");
  return checked;
}

function checkFraming(framing: Fields, fail: (what: string) => Error): Framing {
  const kind = framing.word("kind", ["time", "count", "mixed"]);
  const windowMicros = framing.optionalInt("windowMicros", 1, MAX_MICROS);
  const windowEvents = framing.optionalInt("windowEvents", 1, MAX_WINDOW_EVENTS);
  const maxLatencyMicros = framing.optionalInt("maxLatencyMicros", 1, MAX_MICROS);
  const checked: Framing = {
    kind,
    ...(windowMicros === undefined ? {} : { windowMicros }),
    ...(windowEvents === undefined ? {} : { windowEvents }),
    ...(maxLatencyMicros === undefined ? {} : { maxLatencyMicros }),
    timesteps: framing.int("timesteps", 1, MAX_TIMESTEPS),
    frame: framing.word("frame", FRAMES),
    cap: framing.int("cap", 1, 255),
    state: framing.word("state", ["keep", "reset"]),
  };
  framing.end();
  if (kind !== "count" && windowMicros === undefined) throw fail(`card.framing of kind ${kind} has no windowMicros`);
  if (kind !== "time" && windowEvents === undefined) throw fail(`card.framing of kind ${kind} has no windowEvents`);
  return checked;
}

function checkVote(vote: Fields): Card["vote"] {
  const of = vote.int("of", 1, MAX_VOTE);
  const checked = { wins: vote.int("wins", 1, of), of };
  vote.end();
  return checked;
}

function checkOpenSet(openSet: Fields, fail: (what: string) => Error): OpenSet {
  const checked = {
    enter: checkEvidence(openSet.record("enter")),
    stay: checkEvidence(openSet.record("stay")),
    forget: openSet.int("forget", 0, MAX_FORGET),
    leastEvents: openSet.int("leastEvents", 0, MAX_WINDOW_EVENTS),
    idle: openSet.texts("idle", 0, MAX_LABELS, MAX_LABEL),
  };
  openSet.end();
  const { enter, stay } = checked;
  if (stay.logit > enter.logit || stay.margin > enter.margin) throw fail("card.openSet asks for more to stay than to enter");
  return checked;
}

function checkEvidence(evidence: Fields): Evidence {
  const checked = { logit: evidence.int("logit", -MAX_LOGIT, MAX_LOGIT), margin: evidence.int("margin", 0, 2 * MAX_LOGIT) };
  evidence.end();
  return checked;
}

function checkProvenance(provenance: Fields, fail: (what: string) => Error): Card["provenance"] {
  const keys = provenance.keys();
  if (keys.length > MAX_PROVENANCE) throw fail(`card.provenance has more than ${MAX_PROVENANCE} members`);
  return Object.fromEntries(keys.map((key) => [key, provenance.note(key, MAX_PROVENANCE_TEXT)]));
}

function checkScore(score: Fields): Score {
  const checked = {
    metric: score.text("metric", MAX_NAME),
    value: score.number("value"),
    n: score.int("n", 0, Number.MAX_SAFE_INTEGER),
    data: score.text("data", MAX_PROVENANCE_TEXT),
  };
  score.end();
  return checked;
}
