/** A simulated camera on a pseudo-terminal: `node build/firmware-bridge/device/main.js CAPTURE --link PATH`, for demos and trials by hand. */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { SimulatedDevice } from "./device.js";
import { Line } from "./line.js";
import { Player, readCapture } from "./player.js";
import { openPty } from "./pty.js";

/** After the last event, for what still waits on the line. */
const LINGER_MILLIS = 1000;
const POLL_MILLIS = 2, MOST_WAITING_BYTES = 1 << 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    link: { type: "string", default: "saccade-camera" },
    baud: { type: "string" },
    "bit-errors": { type: "string" },
    loss: { type: "string" },
    speed: { type: "string", default: "1" },
    loop: { type: "boolean", default: false },
    /** Seconds that it stays plugged in, and away. */
    unplug: { type: "string" },
  },
});
const [file] = positionals;
if (file === undefined) {
  process.stderr.write("USAGE: main.js CAPTURE [--link PATH] [--baud N] [--bit-errors P] [--loss P] [--speed N] [--loop] [--unplug SECONDS]\n");
  process.exit(64);
}
const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
const capture = readCapture(readFileSync(file));
const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

/** From power on to unplugging. */
async function live(boot: number, seconds: number): Promise<boolean> {
  const start = performance.now(), now = (): number => Math.round(1000 * (performance.now() - start));
  const { width, height, events } = capture;
  const pty = await openPty(values.link, (bytes) => device.receive(bytes, now()));
  const line = new Line({ baud: number(values.baud), bitErrors: number(values["bit-errors"]), loss: number(values.loss) }, (bytes) =>
    pty.write(bytes));
  const device = new SimulatedDevice({ width, height, boot }, (bytes) => pty.waiting < MOST_WAITING_BYTES && line.send(bytes));
  const player = new Player(events, device, { speed: Number(values.speed), loop: values.loop });
  process.stderr.write(`${width}x${height}, ${events.count} events, at ${pty.path}\n`);
  let playedAt = start;
  for (let at = start; at - start < 1000 * seconds && at - playedAt < LINGER_MILLIS; at = performance.now()) {
    await sleep(POLL_MILLIS / 1000);
    if (!player.ended) playedAt = at;
    if (device.status.streaming) player.poll(now());
    device.poll(now());
    line.poll(now());
  }
  await pty.close();
  const { items, lostRing, lostCredit } = device.status;
  process.stderr.write(`unplugged: ${player.played} played, ${items} sent, ${lostRing} lost at the line, ${lostCredit} without credit\n`);
  return player.ended;
}

const away = number(values.unplug);
for (let boot = 1; !(await live(boot, away ?? Infinity)); boot++) await sleep(away ?? 0);
