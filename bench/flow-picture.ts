import { readFileSync, writeFileSync } from "node:fs";
import { Op } from "../assembly/abi.js";
import { Engine } from "../host/engine/engine.js";
import { argmax, scorePerMille } from "../host/heads/classification.js";
import { logitFractionBits } from "../host/heads/logit-scale.js";
import { packageRoot } from "../host/root.js";
import { digitRecording } from "../host/simulator/digits.js";
import { readPackage } from "../models/package/reader.js";

/** Draws docs/flow.svg: one simulated digit on its way from events to a message, every dot and bar of it computed. */

const DIGIT = 3;
const SEED = 4;
const SLICE_MICROS = 20_000;
const ON = "#d1495b";
const OFF = "#2e6f95";
const INK = "#1f2933";
const FAINT = "#9aa5b1";

const pkg = readPackage(new Uint8Array(readFileSync(new URL("models/zoo/nmnist.saccade", packageRoot))));
const { events } = digitRecording(SEED, DIGIT);
const parts: string[] = [];

function text(x: number, y: number, words: string, size = 12, colour = INK, anchor = "middle"): void {
  parts.push(`<text x="${x}" y="${y}" font-size="${size}" fill="${colour}" text-anchor="${anchor}">${words}</text>`);
}

function square(x: number, y: number, side: number, colour: string, opacity = 1): void {
  const shade = opacity === 1 ? "" : ` opacity="${opacity.toFixed(2)}"`;
  parts.push(`<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${side}" height="${side}" fill="${colour}"${shade}/>`);
}

function stage(x: number, title: string, what: string): void {
  text(x, 28, title, 15);
  text(x, 222, what, 11, FAINT);
}

function arrow(x: number): void {
  parts.push(`<path d="M${x} 116 h18 m-6 -5 l6 5 l-6 5" fill="none" stroke="${FAINT}" stroke-width="1.6"/>`);
}

/** Events as a cloud: t to the right, y down, x into the page. */
function drawEvents(left: number): void {
  for (let i = 0; i < events.count; i += 3) {
    const x = left + (events.t[i]! / 300_000) * 150 + events.x[i]! * 0.9;
    square(x, 62 + events.y[i]! * 3 - events.x[i]! * 0.5, 1.4, events.p[i] === 1 ? ON : OFF, 0.75);
  }
  text(left + 90, 190, "300 ms", 10, FAINT);
}

interface Run {
  readonly frames: Uint8Array[];
  /** Spikes into each weighted layer, by timestep. */
  readonly spikes: number[][];
  readonly logits: number[];
}

function run(): Run {
  const engine = new Engine(pkg.plan, pkg.constants, { profile: true });
  const stream = engine.stream();
  const frames: Uint8Array[] = [];
  const spikes: number[][] = [];
  const logits = pkg.card.labels.map(() => 0);
  let before = engine.profile();
  for (let step = 0, from = 0; step < 15; step++) {
    if (step % engine.timesteps === 0) stream.beginWindow();
    let to = from;
    while (to < events.count && events.t[to]! < events.t[0]! + (step + 1) * SLICE_MICROS) to++;
    stream.frame(events, from, to);
    frames.push(engine.input.slice());
    stream.step();
    const now = engine.profile();
    spikes.push(now.filter(({ op }) => op <= Op.Linear).map(({ index, spikesIn }) => spikesIn - before[index]!.spikesIn));
    if (step % engine.timesteps === engine.timesteps - 1) engine.logits.forEach((logit, i) => (logits[i]! += logit));
    before = now;
    from = to;
  }
  return { frames, spikes, logits };
}

function drawFrames(left: number, frames: readonly Uint8Array[]): void {
  frames.slice(1, 4).forEach((frame, k) => {
    const [x0, y0] = [left + k * 26, 52 + k * 26];
    parts.push(`<rect x="${x0}" y="${y0}" width="75" height="75" fill="#fff" stroke="${FAINT}"/>`);
    for (let pixel = 0; pixel < 34 * 34; pixel++) {
      const [off, on] = [frame[pixel * 2]!, frame[pixel * 2 + 1]!];
      if (off + on === 0) continue;
      const [x, y] = [x0 + (pixel % 34) * 2.2, y0 + Math.floor(pixel / 34) * 2.2];
      square(x, y, 2.2, on >= off ? ON : OFF, Math.min(1, 0.35 + (on + off) * 0.2));
    }
  });
}

function drawSpikes(left: number, spikes: readonly number[][]): void {
  const layers = ["frame", "conv 1", "conv 2", "conv 3"];
  const most = Math.max(...spikes.flat());
  layers.forEach((name, layer) => {
    const base = 82 + layer * 36;
    text(left - 4, base, name, 10, FAINT, "end");
    spikes.forEach((row, step) => {
      const height = (row[layer]! / most) * 30;
      parts.push(`<rect x="${left + step * 7}" y="${(base - height).toFixed(1)}" width="5" height="${height.toFixed(1)}" fill="${INK}"/>`);
    });
  });
}

function drawLogits(left: number, logits: readonly number[]): void {
  const [low, high] = [Math.min(...logits), Math.max(...logits)];
  const best = argmax(logits);
  logits.forEach((logit, label) => {
    const length = 4 + ((logit - low) / (high - low)) * 70;
    const y = 48 + label * 15;
    text(left - 5, y + 9, String(label), 10, label === best ? INK : FAINT, "end");
    parts.push(`<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="11" fill="${label === best ? ON : "#cbd2d9"}"/>`);
  });
}

function drawMessage(left: number, label: string, score: number): void {
  parts.push(`<rect x="${left}" y="62" width="186" height="104" rx="6" fill="#f5f7fa" stroke="${FAINT}"/>`);
  const lines = ["saccade/pi/src/camera/event", "{", `  "type": "new",`, `  "label": "${label}",`, `  "score": ${score}, …`, "}"];
  lines.forEach((line, i) => {
    const x = left + 10 + (line.length - line.trimStart().length) * 6;
    parts.push(`<text x="${x}" y="${82 + i * 15}" font-size="10.5" font-family="monospace" fill="${INK}">${line.trim()}</text>`);
  });
}

const { frames, spikes, logits } = run();
stage(110, "decode", "events from any of twelve formats");
drawEvents(20);
arrow(236);
stage(330, "frame", "counts by polarity, 20 ms each");
drawFrames(268, frames);
arrow(414);
stage(530, "engine", "integers; work follows spikes");
drawSpikes(487, spikes);
arrow(608);
stage(700, "head", "logits, then a vote");
drawLogits(658, logits);
arrow(750);
stage(870, "publish", "MQTT: JSON and CBOR");
const best = argmax(logits);
drawMessage(778, pkg.card.labels[best]!, scorePerMille(Int32Array.from(logits), best, logitFractionBits(pkg.plan)));
const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 984 240" width="984" height="240" font-family="Helvetica, Arial, sans-serif">`;
const svg = `${head}<rect width="984" height="240" fill="#fff"/>${parts.join("\n")}</svg>\n`;
writeFileSync(new URL("docs/flow.svg", packageRoot), svg);
process.stdout.write(`docs/flow.svg: ${svg.length} bytes, recognised ${pkg.card.labels[best]}, shown ${DIGIT}\n`);
