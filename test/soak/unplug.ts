import { type ChildProcess, fork } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createDecoder } from "../../host/decoders/formats.js";
import { serialDevice } from "../../host/sources/serial.js";
import { supervise } from "../../host/sources/supervise.js";
import { Cable } from "../sources/pty.js";
import type { Plugged, PlugOrders } from "./plugger.js";
import { check, descriptors, MemoryWatch, quantileOf, type SoakResult } from "./result.js";
import { EDVS_LATENCY_START, microsSince } from "./ticks.js";

const BACK_MILLIS = 2000, ASK_MILLIS = 250, BAUD = 12_000_000, WARM_MILLIS = 1000, MOST_SLOWER = 3, MOST_P99_MICROS = 5000;

const child = (name: string): ChildProcess => fork(new URL(`${name}.js`, import.meta.url));

/** A source whose events carry the time at which they were written. */
class SteadySource {
  latencies: number[] = [];
  readonly #stop = new AbortController();
  readonly #cable = new Cable();
  #device: ChildProcess | undefined;
  #done: Promise<void> | undefined;

  async start(): Promise<void> {
    await this.#cable.plug();
    this.#device = child("ticker");
    this.#device.send(this.#cable.device);
    this.#done = this.#run();
    while (this.latencies.length === 0) await sleep(10);
  }

  /** What came since the last call, µs from written to decoded. */
  take(): number[] {
    const { latencies } = this;
    this.latencies = [];
    return latencies;
  }

  async #run(): Promise<void> {
    const decoder = createDecoder("edvs-e4", { baud: BAUD });
    for await (const connection of supervise(serialDevice({ port: this.#cable.port, baudRate: BAUD }), { signal: this.#stop.signal })) {
      await connection.write(Buffer.from(EDVS_LATENCY_START));
      for await (const { bytes, at } of connection.chunks)
        for (const { count, t } of decoder.push(bytes, at)) for (let i = 0; i < count; i++) this.latencies.push(microsSince(t[i]!));
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    await this.#cable.dispose();
    const gone = once(this.#device!, "exit");
    this.#device!.disconnect();
    await gone;
  }
}

/** A port that comes and goes beside one that stays. */
export async function unplugSoak(cycles: number): Promise<SoakResult> {
  const steady = new SteadySource(), plugger = child("plugger"), stop = new AbortController(), memory = new MemoryWatch();
  const [{ port }] = (await once(plugger, "message")) as [{ port: string }];
  const ended = once(plugger, "message") as Promise<[Plugged]>;
  const alone: number[] = [], beside: number[] = [], open: number[] = [];
  await steady.start();
  // Without the cycles for as long as they take, half before and half after; and warm first.
  const quiet = Math.max(2000, Math.min(60_000, cycles * 100));
  await sleep(WARM_MILLIS);
  steady.take();
  await sleep(quiet);
  alone.push(...steady.take());
  let connections = 0;
  const source = (async () => {
    for await (const connection of supervise(serialDevice({ port, baudRate: 115_200 }), { signal: stop.signal })) {
      connections++;
      // A device that is just being plugged in may miss what is asked.
      const ask = (): void => void connection.write(Buffer.from("?")), asking = setInterval(ask, ASK_MILLIS);
      ask();
      for await (const { bytes } of connection.chunks) {
        clearInterval(asking);
        if (bytes.length > 0) await connection.write(Buffer.from("!"));
      }
      clearInterval(asking);
      open.push(descriptors());
    }
  })();
  steady.take();
  plugger.send({ cycles } satisfies PlugOrders);
  const [last] = await ended, millis = "millis" in last ? last.millis : [];
  beside.push(...steady.take());
  await sleep(quiet);
  alone.push(...steady.take());
  const listeners = getEventListeners(stop.signal, "abort").length;
  stop.abort();
  await source;
  await steady.stop();
  plugger.disconnect();
  const { peak, slope } = memory.stop(), slowest = Math.max(...millis), growth = open.at(-1)! - open[0]!;
  const [p99Alone, p99Beside] = [quantileOf(alone, 0.99), quantileOf(beside, 0.99)];
  return {
    name: `unplug: ${cycles} times`,
    checks: [
      check("all came back", millis.length === cycles && connections >= cycles, `${connections} connections`),
      check(`streaming again within ${BACK_MILLIS} ms`, slowest <= BACK_MILLIS, 
        `median ${Math.round(quantileOf(millis, 0.5))}, p99 ${Math.round(quantileOf(millis, 0.99))}, slowest ${Math.round(slowest)} ms`),
      check("descriptors", growth === 0, `${open[0]} after the first, ${open.at(-1)} after the last, at most ${Math.max(...open)}`),
      check("listeners of the signal", listeners <= 1, listeners),
      check("the other source", p99Beside <= Math.max(MOST_SLOWER * p99Alone, MOST_P99_MICROS), `p99 ${p99Alone} µs without, ${p99Beside} µs with the cycles`, true),
    ],
    figures: {
      cycles, back_ms: { p50: quantileOf(millis, 0.5), p99: quantileOf(millis, 0.99), max: slowest },
      other_us: { alone: { n: alone.length, p50: quantileOf(alone, 0.5), p99: p99Alone },
        beside: { n: beside.length, p50: quantileOf(beside, 0.5), p99: p99Beside } },
      rss_peak_mib: Math.round(peak), rss_slope_mib_a_minute: slope,
    },
  };
}
