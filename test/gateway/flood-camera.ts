import { SimulatedDevice } from "../../firmware-bridge/device/device.js";
import { openPty } from "../../firmware-bridge/device/pty.js";
import { EventColumns } from "../../host/simulator/columns.js";

/** Told by the parent: where, how fast and for how long. */
export interface FloodOrders {
  readonly path: string;
  readonly side: number;
  readonly eventsPerSecond: number;
  readonly seconds: number;
}

/** Told to the parent: the events that went out, and what the device lost on its own side. */
export interface Flooded {
  readonly sent: number;
  readonly lost: number;
}

const POLL_MILLIS = 1;
const HASH = 2654435761;

/** A camera on the bridge that never rests: event k at k / rate seconds, all over the sensor, as fast as the line takes it. */
async function flood({ path, side, eventsPerSecond, seconds }: FloodOrders): Promise<Flooded> {
  const start = performance.now(), now = (): number => Math.round(1000 * (performance.now() - start));
  const pty = await openPty(path, (bytes) => device.receive(bytes, now()));
  const device: SimulatedDevice = new SimulatedDevice({ width: side, height: side }, (bytes) => (pty.write(bytes), true));
  process.send!("plugged");
  const batch = new EventColumns(), total = eventsPerSecond * seconds;
  let began: number | undefined, next = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      device.poll(now());
      if (!device.status.streaming) return;
      began ??= now();
      const due = Math.min(total, Math.floor(((now() - began) * eventsPerSecond) / 1e6));
      batch.clear();
      for (; next < due; next++) {
        const at = (Math.imul(next, HASH) >>> 8) % (side * side);
        batch.push(Math.floor(began + (next * 1e6) / eventsPerSecond), at % side, Math.floor(at / side), next & 1);
      }
      if (batch.count > 0) device.push(batch, 0, batch.count);
      if (next < total) return;
      clearInterval(timer);
      resolve();
    }, POLL_MILLIS);
  });
  device.flush();
  while (pty.waiting > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS));
  process.once("message", () => void pty.close().then(() => process.disconnect()));
  const { items, lostRing, lostCredit } = device.status;
  return { sent: items, lost: lostRing + lostCredit };
}

process.once("message", (orders: FloodOrders) => void flood(orders).then((done) => process.send!(done)));
