import { spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, chownSync, closeSync, openSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import mqtt from "mqtt";
import t, { type Test } from "tap";
import { checkBroker } from "../../host/doctor/broker.js";
import type { Finding } from "../../host/doctor/finding.js";
import { packageRoot } from "../../host/root.js";
import { freePort, type Mosquitto, startMosquitto } from "../publishers/brokers.js";
import { Cable } from "../sources/pty.js";
import { untrainedPackage } from "./package.js";
import { endRuns, saccade } from "./run.js";

const HAVE = spawnSync("socat", ["-V"]).status === 0;
const skip = HAVE || process.env["CI"] ? false : "socat is not installed";
t.teardown(endRuns);
const folder = t.testdir({ "a-file": "" });
const made = (name: string, text: string | Uint8Array): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
made("untrained.saccade", await untrainedPackage());

interface Report {
  readonly ok: boolean;
  readonly checks: readonly Finding[];
}

async function doctor(config: string): Promise<Report & { readonly code: number | null; readonly stderr: string }> {
  const { code, stdout, stderr } = await saccade("doctor", "--config", config, "--json");
  return { ...(JSON.parse(stdout) as Report), code, stderr };
}

const failures = ({ checks }: Report): string[] => checks.filter(({ status }) => status === "fail").map(({ check }) => check);

async function broker(t: Test, ...lines: string[]): Promise<Mosquitto> {
  const running = await startMosquitto(await freePort(), lines.length === 0 ? undefined : lines);
  t.teardown(() => running.kill());
  return running;
}

t.test("a machine on which everything works", { skip }, async (t) => {
  const cable = new Cable();
  t.teardown(() => cable.dispose());
  await cable.plug();
  const { url } = await broker(t);
  const file = made("good.yaml", `gateway: pi-lab
state-folder: state
mqtt: {url: '${url}'}
models: {digits: untrained.saccade}
sources:
  cam0: {serial: {port: ${cable.port}, baud: 12000000, rtscts: true}, format: evt2, size: 34x34, models: [digits], record: recordings}
  lidar: {udp: {port: ${await freePort()}, address: 127.0.0.1}, format: velodyne}
`);
  const report = await doctor(file);
  t.same(failures(report), []);
  t.equal(report.code, 0, report.stderr);
  t.equal(report.ok, true);
  for (const check of ["node", "engine", "memory", "clock", "configuration", "model digits", "source cam0", "source lidar", "state", "broker"])
    t.ok(report.checks.some((finding) => finding.check === check), check);
  t.ok(report.checks.every((finding) => (finding.status === "ok") === (finding.remedy === null)));
  const text = await saccade("doctor", "--config", file);
  t.equal(text.code, 0);
  t.match(text.stdout, /^ok {4}broker +mqtt:\/\/127\.0\.0\.1:\d+ answers with MQTT 5$/m);
});

t.test("a machine on which much does not", { skip }, async (t) => {
  const cable = new Cable();
  t.teardown(() => cable.dispose());
  await cable.plug();
  const opened = openSync(cable.port, "r+");
  const holder = spawn("sleep", ["60"], { stdio: [opened, "ignore", "ignore"] });
  closeSync(opened);
  t.teardown(async () => {
    const ended = once(holder, "exit");
    holder.kill("SIGKILL");
    await ended;
  });
  const taken = createSocket("udp4").bind(0, "127.0.0.1");
  await once(taken, "listening");
  t.teardown(() => taken.close());
  const file = made("bad.yaml", `gateway: pi-lab
state-folder: a-file/state
mqtt: {url: 'mqtt://127.0.0.1:${await freePort()}', username: u, password: hunter2}
models: {digits: untrained.saccade, torn: a-file}
sources:
  cam0: {serial: {port: ${cable.port}}, format: edvs-e2, models: [digits, torn]}
  gone: {serial: {port: usb:0000:0000}, format: ld19}
  lidar: {udp: {port: ${taken.address().port}, address: 127.0.0.1}, format: velodyne}
`);
  const report = await doctor(file);
  t.equal(report.code, 69);
  t.match(report.stderr, /^DOCTOR_FAILED: 6 of \d+ checks failed; [^\n]+\n$/);
  t.same(failures(report).sort(), ["broker", "model digits", "model torn", "source gone", "source lidar", "state"]);
  const said = (check: string): Finding | undefined => report.checks.find((finding) => finding.check === check && finding.status !== "ok");
  t.match(said("broker"), { message: /ECONNREFUSED/, remedy: /loopback only/ });
  t.match(said("model digits"), { message: /34x34, and cam0 has 128x128/ });
  t.match(said("source lidar"), { message: /another program listens/ });
  t.match(report.checks.filter(({ check }) => check === `port ${cable.port}`), [{ status: "warn", message: new RegExp(`sleep \\(process ${holder.pid}\\)`) }]);
  t.notMatch(JSON.stringify(report), "hunter2");
});

t.test("a port that this user may not open", { skip: skip || (process.getuid?.() === 0 ? false : "only root can be somebody else") }, async (t) => {
  const cable = new Cable();
  t.teardown(() => cable.dispose());
  await cable.plug();
  const pty = realpathSync(cable.port);
  const dialout = Number(/^dialout:[^:]*:(\d+)/m.exec(readFileSync("/etc/group", "utf8"))?.[1] ?? 20);
  chownSync(pty, 0, dialout);
  chmodSync(pty, 0o660);
  chmodSync(dirname(cable.port), 0o755);
  const port = JSON.stringify({ kind: "serial", port: cable.port });
  const look = `
    const { checkNamedPort } = await import(${JSON.stringify(new URL("build/host/doctor/serial.js", packageRoot).href)});
    const { ROOTS } = await import(${JSON.stringify(new URL("build/host/doctor/finding.js", packageRoot).href)});
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
    process.stdout.write(JSON.stringify(await checkNamedPort("x", ${port}, ROOTS)));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", look], { encoding: "utf8", env: { PATH: process.env["PATH"] } });
  t.match(JSON.parse(stdout || "null"), [{ status: "fail", message: /may not be opened by nobody \(EACCES\)/, remedy: "run: sudo usermod -aG dialout nobody, and log in again" }], stderr);
});

t.test("a configuration that is wrong, or not there", async (t) => {
  const report = await doctor(made("wrong.yaml", "gateway: G\nsources: {}\n"));
  t.equal(report.code, 69);
  t.match(report.checks.at(-1), { check: "configuration", status: "fail", message: /2 problems/, remedy: /config check/ });
  t.equal((await saccade("doctor", "--config", join(folder, "gone.yaml"))).code, 66);
  const without = await saccade("doctor", "--json");
  t.match((JSON.parse(without.stdout) as Report).checks.at(-1), { check: "configuration", status: "ok" });
});

t.test("brokers that let nobody in, refuse topics, or have a gateway of this name", async (t) => {
  const look = (url: string, gateway = "pi-lab"): Promise<Finding[]> =>
    checkBroker({ gateway, mqtt: { url, base: "saccade", username: "u", password: "hunter2", clientId: undefined, cbor: true, queueLimit: 1, expirySeconds: 1 } });
  const closed = await broker(t, "allow_anonymous false", `password_file ${made("nobody", "")}`);
  t.match(await look(closed.url), [{ status: "fail", message: /reason 0x8[67]/, remedy: /user name and password/ }]);
  const acl = made("acl", "topic read saccade/#\ntopic write saccade/other/#\n");
  chmodSync(acl, 0o644);
  const strict = await broker(t, "allow_anonymous true", `acl_file ${acl}`);
  t.match(await look(strict.url), [{ status: "ok" }, { status: "fail", message: /refuses what is published at saccade\/pi-lab\/doctor/, remedy: /saccade\/pi-lab\// }]);
  t.match(await look(strict.url, "other"), [{ status: "ok" }]);
  const busy = await broker(t);
  const other = await mqtt.connectAsync(busy.url);
  await other.publishAsync("saccade/pi-lab/status", "online", { qos: 1, retain: true });
  t.match(await look(busy.url), [{ status: "ok" }, { status: "warn", message: /pi-lab is online/ }]);
  await other.endAsync();
  t.match(await look("mqtt://127.0.0.1:9"), [{ status: "fail", message: /ECONNREFUSED/ }]);
  t.match(await checkBroker({ gateway: "g", mqtt: undefined }), [{ status: "ok", message: /printed/ }]);
});
