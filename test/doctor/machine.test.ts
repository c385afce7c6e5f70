import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import t, { type Test } from "tap";
import { type Roots, ROOTS } from "../../host/doctor/finding.js";
import { checkFolder } from "../../host/doctor/folders.js";
import { holdersOf } from "../../host/doctor/holders.js";
import { checkClock, checkEngine, checkMemory, checkNode, checkPower } from "../../host/doctor/machine.js";
import { checkRate } from "../../host/doctor/rates.js";
import { checkPorts } from "../../host/doctor/serial.js";
import { checkUdp } from "../../host/doctor/udp.js";
import type { SourceConfig } from "../../host/config/config.js";

/** Folders as a system lays them out, with these files in them. */
function machine(t: Test, files: Readonly<Record<string, string>>): Roots {
  const root = t.testdir({});
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const at = (name: keyof Roots): string => join(root, name);
  return { dev: at("dev"), sys: at("sys"), proc: at("proc"), run: at("run"), etc: at("etc") };
}

t.test("Node, the engine and memory", async (t) => {
  t.match(checkNode(), { status: "ok" });
  for (const [version, status] of [["18.20.0", "fail"], ["20.18.9", "fail"], ["20.19.0", "ok"], ["22.0.0", "ok"]] as const)
    t.equal(checkNode(version).status, status, version);
  t.match(checkEngine(), { status: "ok", message: /scalar, simd/ });
  t.match(checkMemory(), { status: "ok" });
  for (const [mib, status] of [[50, "fail"], [200, "warn"], [1000, "ok"]] as const) t.equal(checkMemory(mib * 2 ** 20).status, status, `${mib} MiB`);
});

t.test("the clock, and what is known of it", async (t) => {
  const now = Date.UTC(2026, 10, 22);
  t.match(await checkClock(machine(t, {}), now), { status: "ok", message: /unknown/ });
  t.match(await checkClock(machine(t, { "run/systemd/timesync/synchronized": "" }), now), { status: "ok", message: /set by the network/ });
  t.match(await checkClock(machine(t, { "run/systemd/timesync/other": "" }), now), { status: "warn", message: /not yet/ });
  t.match(await checkClock(machine(t, {}), 0), { status: "fail", message: /1970-01-01/ });
});

t.test("the supply of a Raspberry Pi", async (t) => {
  const said = (text: string): Roots => machine(t, { "sys/devices/platform/soc/soc:firmware/get_throttled": text });
  t.equal(await checkPower(machine(t, {})), undefined);
  t.match(await checkPower(said("0\n")), { status: "ok" });
  t.match(await checkPower(said("50005\n")), { status: "warn", message: "the voltage is too low, it is slowed down", remedy: /power supply/ });
  t.match(await checkPower(said("0x80000\n")), { status: "warn", message: /since it was switched on: it is too hot/, remedy: "cool it" });
  t.match(await checkPower(said("?\n")), { status: "ok", message: /unknown/ });
});

t.test("ports: a converter that waits, and ModemManager", async (t) => {
  const roots = machine(t, { "dev/ttyUSB0": "", "proc/612/comm": "ModemManager\n", "proc/1/comm": "init\n", "sys/drivers/ftdi_sio/x": "", "sys/devices/usb1/ttyUSB0/latency_timer": "16\n" });
  symlinkSync(join(roots.sys, "drivers/ftdi_sio"), join(roots.sys, "devices/usb1/ttyUSB0/driver"));
  mkdirSync(join(roots.sys, "class/tty/ttyUSB0"), { recursive: true });
  symlinkSync(join(roots.sys, "devices/usb1/ttyUSB0"), join(roots.sys, "class/tty/ttyUSB0/device"));
  t.match(await checkPorts(roots), [
    { status: "ok", check: `port ${roots.dev}/ttyUSB0` },
    { status: "warn", message: /16 ms/, remedy: /latency_timer/ },
    { status: "warn", check: "ModemManager", message: /612/, remedy: /systemctl disable/ },
  ]);
  t.match(await checkPorts(machine(t, {})), [{ status: "ok", message: /no serial ports/ }]);
});

t.test("who has a port open: by its descriptors, the kernel's locks and lock files", async (t) => {
  const roots = machine(t, { "dev/port": "", "proc/locks": "", "run/lock/LCK..port": "      77\n" });
  const port = join(roots.dev, "port");
  t.same(await holdersOf(port, ROOTS), []);
  const child = spawn("flock", ["-o", port, "cat"], { stdio: ["pipe", "ignore", "ignore"] });
  const ended = once(child, "exit");
  const locks = (): string => readFileSync("/proc/locks", "utf8");
  while (!locks().includes(`:${statSync(port).ino} `)) await new Promise((resolve) => setTimeout(resolve, 10));
  t.match(await holdersOf(port, ROOTS), [{ pid: child.pid, command: "flock" }]);
  writeFileSync(join(roots.proc, "locks"), locks());
  t.same(await holdersOf(port, roots), [{ pid: 77, command: "?" }, { pid: child.pid, command: "?" }], "where open files are hidden");
  child.stdin.end();
  await ended;
});

t.test("rates of lines, against what sensors say", async (t) => {
  const rate = (format: string, baudRate: number, rtscts = false): string[] =>
    checkRate("x", { format } as SourceConfig, { kind: "serial", port: "p", baudRate, rtscts }).map(({ status, message }) => `${status} ${message}`);
  t.same(rate("bridge", 1_000_000), ["warn 1,000,000 baud carries 25,000 events a second of 4 bytes: a lively scene has more"]);
  t.same(rate("edvs-e2", 12_000_000, true), ["ok 12,000,000 baud carries 300,000 events a second of 4 bytes"]);
  t.match(rate("edvs-e2", 12_000_000), [/^ok /, /^warn .*without rtscts/]);
  t.match(rate("ld06", 115_200), [/^fail 115,200 baud, and every ld06 speaks 230,400/]);
  t.same(rate("ld06", 230_400), []);
  t.match(rate("rplidar", 256_000), [/^warn 256,000 baud, and a rplidar as it is sold speaks 115,200/]);
  t.same(rate("openmv", 921_600), []);
  t.same(rate("auto", 9600), []);
});

t.test("UDP: addresses, groups, and what the kernel may keep", async (t) => {
  const input = { kind: "udp", port: 0, address: "127.0.0.1", from: undefined, group: undefined } as const;
  const roots = (bytes: number): Roots => machine(t, { "proc/sys/net/core/rmem_max": `${bytes}\n` });
  t.match(await checkUdp("x", input, roots(2 ** 23)), [{ status: "ok" }, { status: "ok", message: /8,192 KiB/ }]);
  t.match(await checkUdp("x", input, roots(212_992)), [{ status: "ok" }, { status: "warn", message: /208 KiB/, remedy: /sysctl/ }]);
  t.match(await checkUdp("x", input, machine(t, {})), [{ status: "ok" }, { status: "ok", message: /unknown/ }]);
  t.match(await checkUdp("x", { ...input, address: "203.0.113.9" }, ROOTS), [{ status: "fail", message: /no address 203/ }]);
});

t.test("folders that are there, can be made, or cannot", async (t) => {
  const folder = t.testdir({ file: "" });
  t.match(await checkFolder("state", folder, 0), { status: "ok", message: /may be written to/ });
  t.match(await checkFolder("state", join(folder, "a/b"), 0), { status: "ok", message: /can be made/ });
  t.match(await checkFolder("state", folder, 1e12), { status: "warn" });
  t.match(await checkFolder("state", join(folder, "file/b"), 0), { status: "fail" });
  t.match(await checkFolder("state", join(folder, "file"), 0), { status: "fail" });
  t.match(await checkFolder("state", "/proc/1/x", 0), { status: /fail|ok|warn/ });
});
