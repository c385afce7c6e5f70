/** Plugs a device in and out, in a process of its own, for starting programs stops who does it for some ms. */
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../host/simulator/random.js";
import { Cable } from "../sources/pty.js";

export interface PlugOrders {
  readonly cycles: number;
}
export type Plugged = { readonly port: string } | { readonly millis: readonly number[] };

const LEAST_AWAY_MILLIS = 30, MOST_AWAY_MILLIS = 350;

/** @returns ms from when the port is there until its host has written, been answered, and said that it heard the answer */
async function cycle(cable: Cable): Promise<number> {
  await cable.plug();
  const began = performance.now(), device = await open(cable.device, "r+"), byte = Buffer.alloc(1);
  await device.read(byte);
  await device.write("answer");
  do await device.read(byte); while (byte.toString() !== "!");
  const millis = performance.now() - began;
  await device.close();
  await cable.unplug();
  return millis;
}

const cable = new Cable();
process.once("message", async ({ cycles }: PlugOrders) => {
  const random = new Random(3), millis: number[] = [];
  for (let k = 0; k < cycles; k++) {
    await sleep(random.between(LEAST_AWAY_MILLIS, MOST_AWAY_MILLIS));
    millis.push(await cycle(cable));
  }
  await cable.dispose();
  process.send!({ millis } satisfies Plugged);
  process.once("disconnect", () => process.exit());
});
process.send!({ port: cable.port } satisfies Plugged);
