import { SimulatedDevice } from "../../firmware-bridge/device/device.js";
import { Player, type EventList } from "../../firmware-bridge/device/player.js";
import { openPty, type Pty } from "../../firmware-bridge/device/pty.js";
import { EventColumns } from "../../host/simulator/columns.js";
import { digitRecording } from "../../host/simulator/digits.js";
import { Evt3Writer } from "../../host/writers/evt3.js";

/** A sensor of 34 × 34 pixels. */
export const SIZE = { width: 34, height: 34 };
const POLL_MILLIS = 5;
const PAUSE_MICROS = 200_000;

/** All ten digits, one after the other, with a rest between. */
export function tenDigits(): EventList {
  const all = new EventColumns();
  let begin = 0;
  for (let digit = 0; digit < 10; digit++) {
    const { events } = digitRecording(1, digit);
    for (let i = 0; i < events.count; i++) all.push(begin + events.t[i]!, events.x[i]!, events.y[i]!, events.p[i]!);
    begin = all.t[all.count - 1]! + PAUSE_MICROS;
  }
  return all;
}

/** A camera on a pseudo-terminal that can be pulled out and plugged in again. */
export interface Camera {
  plug(): Promise<void>;
  unplug(): Promise<void>;
}

/** Speaks the bridge's protocol and shows digits over and over. */
export function bridgeCamera(path: string, events: EventList): Camera {
  let pty: Pty | undefined, timer: NodeJS.Timeout | undefined, boot = 0;
  return {
    async plug() {
      const began = performance.now(), now = (): number => Math.round(1000 * (performance.now() - began));
      const opened = (pty = await openPty(path, (bytes) => device.receive(bytes, now())));
      const device: SimulatedDevice = new SimulatedDevice({ ...SIZE, boot: ++boot }, (bytes) => (opened.write(bytes), true));
      const player = new Player(events, device, { loop: true });
      timer = setInterval(() => {
        if (device.status.streaming) player.poll(now());
        device.poll(now());
      }, POLL_MILLIS);
    },
    async unplug() {
      clearInterval(timer);
      await pty?.close();
    },
  };
}

/** Sends EVT 3.0 without asking, as a camera behind a simple converter does. */
export function evt3Camera(path: string, events: EventList): Camera {
  let pty: Pty | undefined, timer: NodeJS.Timeout | undefined;
  return {
    async plug() {
      const opened = (pty = await openPty(path, () => undefined));
      const writer = new Evt3Writer({ size: SIZE });
      const period = events.t[events.count - 1]! + PAUSE_MICROS, began = performance.now(), batch = new EventColumns();
      let sent = 0;
      timer = setInterval(() => {
        const now = 1000 * (performance.now() - began);
        batch.clear();
        for (;; sent++) {
          const at = sent % events.count, t = Math.floor(sent / events.count) * period + events.t[at]!;
          if (t > now) break;
          batch.push(t, events.x[at]!, events.y[at]!, events.p[at]!);
        }
        if (batch.count > 0) for (const block of writer.write(batch)) opened.write(block);
      }, POLL_MILLIS);
    },
    async unplug() {
      clearInterval(timer);
      await pty?.close();
    },
  };
}
