import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { HostControl, type ControlOptions } from "../../firmware-bridge/protocol/control.js";
import { frameEvents } from "../../firmware-bridge/protocol/events.js";
import { FRAMES, MAX_FRAME_BYTES } from "../../firmware-bridge/protocol/fields.js";
import { Inbox } from "../../firmware-bridge/protocol/inbox.js";
import { headOf, RecordReader } from "../../firmware-bridge/protocol/payload.js";
import { cFile, cFiles, compileImage, compileObjects, compileProgram, EXAMPLES, firmwareSources, needsCompiler, run } from "./gcc.js";

const CORES = ["cortex-m0", "cortex-m3", "cortex-m4"];
const POSIX = join(EXAMPLES, "board_posix.c");

t.test("our C compiles without a warning, for this machine and for Cortex-M", async (t) => {
  const sources = [...firmwareSources(), ...cFiles(EXAMPLES).filter((path) => !/board_(?:posix|mps2)\.c$/.test(path))];
  t.ok(sources.length >= 10, `${sources.length} sources`);
  await t.test("gcc", needsCompiler("gcc"), async (t) => {
    for (const flags of [["-O0"], ["-O2"], ["-O3", "-m64"]]) t.equal(compileObjects("gcc", flags, sources).length, sources.length);
    compileObjects("gcc", ["-O2"], [POSIX]);
  });
  await t.test("arm-none-eabi-gcc", needsCompiler("arm-none-eabi-gcc"), async (t) => {
    for (const core of CORES) {
      const objects = compileObjects("arm-none-eabi-gcc", ["-Os", `-mcpu=${core}`, "-mthumb", "-ffunction-sections"], sources);
      const undefinedSymbols = run("arm-none-eabi-nm", ["--undefined-only", "--format=just-symbols", ...objects]).toString()
        .split("\n").filter((name) => /^[a-z_]\w*$/.test(name) && !/^(?:bridge|board|sensor)_|^__aeabi_|^__gnu_/.test(name));
      t.same([...new Set(undefinedSymbols)].sort().filter((name) => !["memcpy", "memset"].includes(name)), [], `${core}: nothing of libc but string.h`);
    }
  });
});

t.test("the ring gives what was put, between two threads too", needsCompiler("gcc"), async (t) => {
  const said = run(compileProgram("ring", [cFile("ring.c")], ["-pthread"]), []).toString().trim();
  t.match(said, /^\d+ bytes$/);
});

/** Talks to a firmware program on its standard input and output. */
class Host {
  readonly inbox = new Inbox();
  readonly control: HostControl;
  readonly child: ChildProcess;
  stderr = "";

  constructor(
    [program, ...args]: readonly [string, ...string[]],
    options: ControlOptions,
    environment: Record<string, string>,
    readonly frame: (inbox: Inbox) => void,
  ) {
    this.control = new HostControl(this.inbox, options);
    this.child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe", "pipe"], env: { ...process.env, ...environment } });
    this.child.stdout!.on("data", (bytes: Buffer) => this.#hear(bytes));
    this.child.stderr!.on("data", (bytes: Buffer) => (this.stderr += bytes.toString()));
    this.child.stdin!.on("error", () => undefined);
  }

  /** The sensor's own line, where the board has it as a file descriptor. */
  get sensor(): Writable {
    return this.child.stdio[3] as Writable;
  }

  async until(done: () => boolean, seconds = 20): Promise<void> {
    for (const end = performance.now() + 1000 * seconds; !done() && performance.now() < end; await sleep(5)) this.#poll();
  }

  async close(): Promise<number | null> {
    const exit = once(this.child, "exit");
    this.sensor.destroy();
    this.child.stdin!.end();
    const [code] = (await exit) as [number | null];
    return code;
  }

  /** For a machine that does not end with its line. */
  async kill(): Promise<void> {
    const exit = once(this.child, "exit");
    this.child.kill();
    await exit;
  }

  #poll(): void {
    for (const bytes of this.control.poll(Math.round(1000 * (performance.timeOrigin + performance.now())))) this.child.stdin!.write(bytes);
  }

  #hear(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      at = this.inbox.read(bytes, at, bytes.length);
      if (this.inbox.ready) this.frame(this.inbox);
    }
    this.#poll();
  }
}

/** Follows the boards' camera, whose event k can be told by its pixel. */
class Camera {
  count = 0;
  /** Events that are missing between two that came, and events that are not of the camera. */
  gaps = 0;
  falls = 0;
  #next = -1;
  #before = 0;
  readonly #columns = ((most) => ({ t: new Float64Array(most), x: new Uint16Array(most), y: new Uint16Array(most), p: new Uint8Array(most) }))(
    frameEvents(MAX_FRAME_BYTES));

  readonly take = (inbox: Inbox): void => {
    if (inbox.frame.type !== FRAMES.EVENTS.code) return;
    const found = inbox.events(this.#columns, 0), { t: times, x, y, p } = this.#columns;
    for (let i = 0; i < found; i++) {
      const at = x[i]! + 128 * y[i]!;
      if (p[i] !== (at & 1)) this.gaps++;
      if (this.#next >= 0) this.gaps += (at - this.#next) & 16383;
      if (times[i]! < this.#before) this.falls++;
      this.#before = times[i]!;
      this.#next = (at + 1) & 16383;
    }
    this.count += found;
  };
}

async function checkCamera(t: Test, camera: Camera, host: Host, wanted: number): Promise<void> {
  const { inbox, stderr } = host;
  t.ok(camera.count >= wanted, `${camera.count} events ${stderr}`);
  t.match(inbox.hello, { width: 128, height: 128, name: "dvs example" });
  const { lost, badCrc, notCobs, badPayload } = inbox.counters;
  t.same({ lost, badCrc, notCobs, badPayload, falls: camera.falls }, { lost: 0, badCrc: 0, notCobs: 0, badPayload: 0, falls: 0 });
  const { gaps } = camera;
  const known = (): boolean => inbox.heartbeat!.lostSensor + inbox.heartbeat!.lostRing + inbox.heartbeat!.lostCredit > 0;
  // What is missing may be younger than the last heartbeat.
  await host.until(() => gaps === 0 || known());
  t.ok(gaps === 0 || known(), `${gaps} missing, of which the device knows`);
}

const FORMS = [[1, 8], [0, undefined]] as const;

for (const [form, window] of FORMS)
  t.test(`the camera example streams, form ${form}, window ${window}`, needsCompiler("gcc"), async (t) => {
    const camera = new Camera(), program = compileProgram("dvs", [join(EXAMPLES, "dvs.c"), POSIX]);
    const host = new Host([program], { wants: ["EVENTS"], form, window }, { BOARD_PIXELS: "400000", BOARD_PIXELS_PER_TICK: "20" }, camera.take);
    await host.until(() => camera.count >= 60_000 && host.inbox.seen.heartbeat >= 2);
    await checkCamera(t, camera, host, 60_000);
    t.equal(await host.close(), 0, host.stderr);
  });

const QEMU = "qemu-system-arm", MACHINE = ["-M", "mps2-an385", "-display", "none", "-monitor", "none", "-serial", "stdio"];
const needsBoard = needsCompiler("arm-none-eabi-gcc").skip ? needsCompiler("arm-none-eabi-gcc") : needsCompiler(QEMU);

for (const [form, window] of FORMS)
  t.test(`the camera example on an emulated Cortex-M3, form ${form}, window ${window}`, needsBoard, async (t) => {
    const camera = new Camera();
    const host = new Host([QEMU, ...MACHINE, "-kernel", compileImage("dvs")], { wants: ["EVENTS"], form, window }, {}, camera.take);
    await host.until(() => camera.count >= 10_000 && host.inbox.seen.heartbeat >= 2);
    await checkCamera(t, camera, host, 10_000);
    await host.kill();
  });

/** A packet as an LD06 sends it. */
function ld06(start: number, end: number, points: readonly { readonly mm: number; readonly intensity: number }[]): Buffer {
  const packet = Buffer.alloc(47);
  packet.set([0x54, 0x2c]);
  packet.writeUInt16LE(3600, 2);
  packet.writeUInt16LE(start, 4);
  points.forEach(({ mm, intensity }, i) => {
    packet.writeUInt16LE(mm, 6 + 3 * i);
    packet[8 + 3 * i] = intensity;
  });
  packet.writeUInt16LE(end, 42);
  let crc = 0;
  for (const byte of packet.subarray(0, 46)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x4d) & 255 : crc << 1;
  }
  packet[46] = crc;
  return packet;
}

/** The ring holds what a UART brings in some milliseconds: a packet every 3 ms, and no more than three ahead of a machine that has no time. */
async function checkLidar(t: Test, command: readonly [string, ...string[]], sensor: (host: Host) => Writable | Promise<Writable>): Promise<Host> {
  const turn = Array.from({ length: 30 }, (_, k) => ({
    start: (k * 1200 + 35000) % 36000,
    end: (k * 1200 + 36100) % 36000,
    points: Array.from({ length: 12 }, (_, i) => ({ mm: 100 * k + i, intensity: 20 * i })),
  }));
  const bytes = turn.map(({ start, end, points }) => ld06(start, end, points)), spoilt = Buffer.from(bytes[7]!);
  spoilt[20]! ^= 4;
  const points: { range: number; angle: number; intensity: number }[] = [], heads: { step: number; unit: number }[] = [];
  const polar = new RecordReader(FRAMES.POINTS.forms[0], MAX_FRAME_BYTES);
  const host = new Host(command, { wants: ["POINTS"], form: 0 }, {}, ({ frame }) => {
    const { count, columns } = polar.read(frame);
    heads.push(headOf("POINTS", frame));
    for (let i = 0; i < count; i++) points.push({ range: columns["range"]![i]!, angle: columns["angle"]![i]!, intensity: columns["intensity"]![i]! });
  });
  const line = await sensor(host);
  await host.until(() => host.control.state === "streaming");
  for (const [k, packet] of [Buffer.from("T,TT noise"), ...bytes.slice(0, 7), spoilt, ...bytes.slice(8)].entries()) {
    await host.until(() => points.length >= 12 * (k - 4));
    line.write(packet);
    await sleep(3);
  }
  await host.until(() => points.length >= 29 * 12 && host.inbox.heartbeat?.lostSensor === 24, 5);
  const wanted = turn.filter((_, k) => k !== 7).flatMap(({ start, points: seen }) =>
    seen.map(({ mm, intensity }, i) => ({ range: mm, angle: (start + 100 * i) % 36000, intensity })));
  t.same(points, wanted);
  t.same(heads[0], { step: 222222, unit: 1000 });
  t.match(host.inbox.heartbeat, { lostSensor: 24, lostRing: 0 }, "the spoilt one, and noise that begins like one");
  return host;
}

t.test("the LD06 example sends what the LiDAR saw, and counts what is no packet", needsCompiler("gcc"), async (t) => {
  const host = await checkLidar(t, [compileProgram("ld06", [join(EXAMPLES, "ld06.c"), POSIX])], ({ sensor }) => sensor);
  t.equal(await host.close(), 0, host.stderr);
});

t.test("the LD06 example on an emulated Cortex-M3, the LiDAR at its second UART", needsBoard, async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo, connected = once(server, "connection") as Promise<[Socket]>;
  const command = [QEMU, ...MACHINE, "-serial", `tcp:127.0.0.1:${port}`, "-kernel", compileImage("ld06")] as const;
  const host = await checkLidar(t, command, async () => (await connected)[0].setNoDelay(true).on("error", () => undefined));
  await host.kill();
  server.close();
});
