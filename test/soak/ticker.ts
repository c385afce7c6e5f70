/** An eDVS in a process of its own that sends one event every few ms; its time is the machine's clock when it was written. */
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { EDVS_LATENCY_START, microsNow } from "./ticks.js";

const TICK_MILLIS = 5;

process.once("message", async (path: string) => {
  const file = await open(path, "r+"), asked = Buffer.alloc(64), event = Buffer.from([0x80 | 5, 9, 0, 0, 0, 0]);
  for (let text = ""; !text.endsWith(EDVS_LATENCY_START);) text += asked.toString("latin1", 0, (await file.read(asked)).bytesRead);
  await file.writeFile(EDVS_LATENCY_START);
  process.once("disconnect", () => process.exit());
  for (;;) {
    event.writeUInt32BE(microsNow(), 2);
    // Unplugged: there is nobody to tell.
    if (!(await file.write(event).then(() => true, () => false))) return;
    await sleep(TICK_MILLIS);
  }
});
