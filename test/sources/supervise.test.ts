import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { open } from "node:fs/promises";
import t from "tap";
import { serialDevice } from "../../host/sources/serial.js";
import { supervise, type SourceState } from "../../host/sources/supervise.js";
import { Cable } from "./pty.js";

const HAVE = spawnSync("socat", ["-V"]).status === 0;
const skip = HAVE || process.env["CI"] ? false : "socat is not installed";
const BAUD = 1_000_000;
const CYCLES = Number(process.env["SACCADE_UNPLUG_CYCLES"] ?? 5);
const BACK_MILLIS = 2000;

/** What a source says and brings, for as long as a test looks. */
class Watch {
  readonly states: SourceState[] = [];
  received = Buffer.alloc(0);
  readonly stop = new AbortController();
  readonly done: Promise<void>;
  #waiting: (() => void)[] = [];

  constructor(port: string, stallMillis?: number) {
    this.done = this.#run(port, stallMillis);
  }

  async #run(port: string, stallMillis?: number): Promise<void> {
    const onState = (state: SourceState): void => {
      this.states.push(state);
      this.#wake();
    };
    const device = serialDevice({ port, baudRate: BAUD });
    const options = { signal: this.stop.signal, onState, ...(stallMillis === undefined ? {} : { stallMillis }) };
    for await (const connection of supervise(device, options)) {
      await connection.write(Buffer.from("?"));
      for await (const { bytes } of connection.chunks) {
        this.received = Buffer.concat([this.received, bytes]);
        this.#wake();
      }
    }
  }

  #wake(): void {
    for (const call of this.#waiting.splice(0)) call();
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>(resolve => this.#waiting.push(resolve));
  }
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

t.test("a port that is plugged in late is opened, asked, and heard", { skip }, async (t) => {
  const cable = new Cable();
  t.teardown(() => cable.dispose());
  const watch = new Watch(cable.port);
  await watch.until(() => watch.states.includes("absent"));
  await cable.plug();
  const device = await open(cable.device, "r+");
  const asked = Buffer.alloc(1);
  await device.read(asked);
  t.equal(asked.toString(), "?");
  const sent = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) & 255));
  await device.writeFile(sent);
  await watch.until(() => watch.received.length >= sent.length);
  t.ok(watch.received.equals(sent), "every byte in order");
  t.same(watch.states, ["absent", "opening", "probing", "streaming"]);
  await device.close();
  watch.stop.abort();
  await watch.done;
});

t.test(`${CYCLES} times unplugged: streaming again within ${BACK_MILLIS} ms, nothing left open`, { skip, timeout: 120_000 + CYCLES * 3000 }, async (t) => {
  const cable = new Cable();
  t.teardown(() => cable.dispose());
  const watch = new Watch(cable.port);
  let before = 0, slowest = 0;
  for (let cycle = 0; cycle <= CYCLES; cycle++) {
    await cable.plug();
    const since = performance.now();
    const device = await open(cable.device, "r+");
    await device.read(Buffer.alloc(1));
    const had = watch.received.length;
    await device.write("data");
    await watch.until(() => watch.received.length === had + 4);
    slowest = Math.max(slowest, performance.now() - since);
    await device.close();
    if (cycle === 0) before = descriptors();
    else if (cycle === CYCLES) t.equal(descriptors(), before, "no descriptor is left behind");
    const states = watch.states.length;
    await cable.unplug();
    await watch.until(() => watch.states.slice(states).includes("absent"));
  }
  t.ok(slowest <= BACK_MILLIS, `slowest return ${Math.round(slowest)} ms`);
  watch.stop.abort();
  await watch.done;
});

t.test("a silent port has stalled, and is opened anew after as long again", { skip }, async (t) => {
  const cable = new Cable();
  t.teardown(() => cable.dispose());
  await cable.plug();
  const watch = new Watch(cable.port, 150);
  await watch.until(() => watch.states.filter(state => state === "opening").length >= 2);
  t.same(watch.states.slice(0, 5), ["opening", "probing", "stalled", "absent", "opening"]);
  watch.stop.abort();
  await watch.done;
});

t.test("a port that another program has is asked for again, with the reason", { skip }, async (t) => {
  const cable = new Cable();
  t.teardown(() => cable.dispose());
  await cable.plug();
  const first = new Watch(cable.port);
  await first.until(() => first.states.includes("probing"));
  await t.rejects(serialDevice({ port: cable.port, baudRate: BAUD }).open(), { code: "PORT_REFUSED", remedy: /another program/ });
  first.stop.abort();
  await first.done;
  const second = await serialDevice({ port: cable.port, baudRate: BAUD }).open();
  await second.close();
  t.equal(await second.write(Buffer.from("x")), false, "a write to a closed port is answered");
});
