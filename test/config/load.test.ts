import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { parse, stringify } from "yaml";
import type { Config } from "../../host/config/config.js";
import { findConfig, loadConfig } from "../../host/config/load.js";
import { HIDDEN, shownConfig, shownYaml } from "../../host/config/show.js";
import { SaccadeError } from "../../host/errors.js";
import { packageRoot } from "../../host/root.js";
import { check, errorLines, folderWith, warningLines } from "./files.js";

const COMPLETE = `
gateway: pi-lab
state-folder: state
mqtt:
  url: mqtts://broker.example:8883
  base: lab/saccade
  username: pi
  password: {file: secret}
  client-id: pi-1
  cbor: false
  queue: 100
  expiry: 90s
models:
  digits: nmnist
  mine: {package: mine.saccade, workers: 3}
sources:
  cam0:
    serial: {port: usb:0403:6014, baud: 12000000, rtscts: true}
    format: edvs-e2
    models: [digits, mine]
    overload: decimate
    stall-after: 2s
    denoise: {background-activity: 5ms, refractory: 1ms, hot-pixels: 2000}
    record: recordings/
  lidar0: {serial: {port: /dev/ttyUSB0}, format: ld19}
  lidar1: {udp: {port: 7502, address: 10.0.0.1, from: 10.0.0.2, group: 239.1.1.1}, format: ouster, sensor-info: os1.json}
  cam1: {mqtt: {}, stall-after: never}
  cam2: {file: {path: walk.raw, speed: max}, size: 346x260}
`;
const FILES = { "saccade.yaml": COMPLETE, secret: "hunter2\n", "mine.saccade": "", "os1.json": "{}", "walk.raw": "x" };

t.test("a complete configuration", async (t) => {
  const folder = folderWith(t, FILES);
  const at = (name: string): string => join(folder, name);
  const config = await loadConfig(at("saccade.yaml"), {});
  const noFilters = { backgroundActivityMicros: undefined, refractoryMicros: undefined, hotPixelRate: undefined };
  const usual = { size: undefined, models: [], results: [], overload: "drop-oldest", stallMillis: 5000, denoise: noFilters, record: undefined, sensorInfo: undefined } as const;
  const wanted: Config = {
    gateway: "pi-lab",
    mqtt: {
      url: "mqtts://broker.example:8883", base: "lab/saccade", username: "pi", password: "hunter2", clientId: "pi-1", cbor: false, queueLimit: 100,
      expirySeconds: 90,
    },
    models: new Map([
      ["digits", { package: fileURLToPath(new URL("models/zoo/nmnist.saccade", packageRoot)), workers: 1 }],
      ["mine", { package: at("mine.saccade"), workers: 3 }],
    ]),
    sources: new Map([
      ["cam0", {
        input: { kind: "serial", port: "usb:0403:6014", baudRate: 12_000_000, rtscts: true }, format: "edvs-e2", size: { width: 128, height: 128 },
        models: ["digits", "mine"], results: [], overload: "decimate", stallMillis: 2000,
        denoise: { backgroundActivityMicros: 5000, refractoryMicros: 1000, hotPixelRate: 2000 }, record: at("recordings"), sensorInfo: undefined,
      }],
      ["lidar0", { ...usual, input: { kind: "serial", port: "/dev/ttyUSB0", baudRate: 230_400, rtscts: false }, format: "ld06" }],
      ["lidar1", {
        ...usual, input: { kind: "udp", port: 7502, address: "10.0.0.1", from: "10.0.0.2", group: "239.1.1.1" }, format: "ouster", sensorInfo: at("os1.json"),
      }],
      ["cam1", { ...usual, input: { kind: "mqtt", topic: "lab/saccade/in/cam1/raw" }, format: "auto", stallMillis: Number.POSITIVE_INFINITY }],
      ["cam2", { ...usual, input: { kind: "file", path: at("walk.raw"), speed: "max" }, format: "auto", overload: "block", size: { width: 346, height: 260 } }],
    ]),
    stateFolder: at("state"),
  };
  t.strictSame(config, wanted);
});

t.test("the least that is needed, and its defaults", async (t) => {
  const env = { STATE_DIRECTORY: "/var/lib/saccade:/var/lib/other" };
  const { config } = check("gateway: g\nmqtt: {url: mqtt://h}\nsources: {a: {serial: {port: /dev/x}, format: edvs-e2}}", "/", env);
  t.same(config?.mqtt, {
    url: "mqtt://h", base: "saccade", username: undefined, password: undefined, clientId: undefined, cbor: true, queueLimit: 4096, expirySeconds: 86_400,
  });
  t.match(config?.sources.get("a"), { input: { baudRate: 4_000_000, rtscts: false }, models: [], stallMillis: 5000 });
  t.equal(config?.stateFolder, "/var/lib/saccade");
  const state = (env: Record<string, string>): string | undefined => check("gateway: g\nsources: {a: {mqtt: {}}}\nmqtt: {url: mqtt://h}", "/", env).config?.stateFolder;
  t.equal(state({ XDG_STATE_HOME: "/x" }), "/x/saccade");
  t.equal(state({ XDG_STATE_HOME: "x" }), join(homedir(), ".local/state/saccade"), "a relative one counts as none");
  t.equal(state({}), join(homedir(), ".local/state/saccade"));
});

t.test("aliases and anchors say things once", async (t) => {
  const { config, errors } = check("gateway: g\nsources:\n  a: &lidar {serial: {port: /dev/x, baud: &rate 115200}, format: ld19}\n  b: {serial: {port: /dev/y, baud: *rate}, format: ld19}\n");
  t.same(errors, []);
  t.match(config?.sources.get("b"), { input: { baudRate: 115_200 } });
});

t.test("one port by two names is found", async (t) => {
  const folder = folderWith(t, { tty: "" });
  symlinkSync(join(folder, "tty"), join(folder, "sensor"));
  const text = `gateway: g\nsources:\n  a: {serial: {port: ${folder}/tty}, format: ld19}\n  b: {serial: {port: ${folder}/sensor}, format: ld19}\n`;
  t.match(errorLines(check(text))[0], /^4:22 sources\.b\.serial\.port a reads port .*sensor too; /);
});

t.test("what is shown is complete, hides the secret, and can be read again", async (t) => {
  const folder = folderWith(t, FILES);
  const config = await loadConfig(join(folder, "saccade.yaml"), {});
  const shown = shownYaml(config);
  t.notMatch(shown + JSON.stringify(shownConfig(config)), "hunter2");
  t.same(parse(shown), JSON.parse(JSON.stringify(shownConfig(config))));
  const again = check(shown.replace(HIDDEN, "hunter2"), "/elsewhere");
  t.same(again.errors, []);
  t.strictSame(again.config, config);
});

t.test("the environment says what a file would, and is named where it is wrong", async (t) => {
  const file = "gateway: g\nsources: {a: {mqtt: {}}}\n";
  const good = check(file, "/", { SACCADE_MQTT__URL: "mqtt://h", SACCADE_MQTT__USERNAME: "u", SACCADE_MQTT__PASSWORD: "p", SACCADE_GATEWAY: "other" });
  t.match(good.config, { gateway: "other", mqtt: { url: "mqtt://h", username: "u", password: "p", base: "saccade" } });
  t.equal(check(file, "/", { SACCADE_MQTT__URL: "mqtt://h", SACCADE_GATEWAY: "" }).config?.gateway, "g", "an empty variable says nothing");
  t.same(errorLines(check(file, "/", { SACCADE_MQTT__URL: "nonsense", SACCADE_GATEWAY: "A B" })), [
    'gateway $SACCADE_GATEWAY: "A B" is refused; write 1 to 32 of a-z, 0-9, _ and -, beginning with a letter or digit',
    "mqtt.url $SACCADE_MQTT__URL: the broker's address is no URL that is understood; write it like mqtt://localhost:1883 or mqtts://host",
  ]);
  const { errors, warnings } = check(file, "/", { SACCADE_MQTT__URL: "mqtt://h", SACCADE_MQTT_PASSWORD: "p" });
  t.same(errors, []);
  t.match(warnings, [{ message: /SACCADE_MQTT_PASSWORD says nothing/, suggestion: "did you mean SACCADE_MQTT__PASSWORD?" }]);
  t.same(errorLines(check(file, "/", { SACCADE_MQTT__PASSWORD: "hunter2" })), ['mqtt $SACCADE_MQTT__PASSWORD: missing key "url"; write url: mqtt://localhost:1883']);
});

t.test("secrets come from a file, a variable, the URL, or the text; and are told to nobody", async (t) => {
  const folder = folderWith(t, { pass: "hunter2\r\nmore", empty: "\n", "long/x": "", long2: "hunter2".repeat(1000) });
  const broker = (password: string, url = "mqtt://h"): string => `gateway: g\nsources: {a: {mqtt: {}}}\nmqtt: {url: '${url}', username: u, password: ${password}}\n`;
  const password = (text: string, env = {}): string | undefined => check(text, folder, env).config?.mqtt?.password;
  t.equal(password(broker("{file: pass}")), "hunter2");
  t.equal(password(broker("{env: SECRET}"), { SECRET: "hunter2" }), "hunter2");
  t.equal(password(broker("hunter2")), "hunter2");
  const inUrl = check("gateway: g\nsources: {a: {mqtt: {}}}\nmqtt: {url: 'mqtts://me:hunter%202@h:1/'}", folder).config?.mqtt;
  t.match(inUrl, { url: "mqtts://h:1/", username: "me", password: "hunter 2" }, "the URL may be printed");
  t.same(errorLines(check(broker("{file: gone}"), folder)), [
    `3:55 mqtt.password.file the password cannot be read from ${folder}/gone (ENOENT); create it, or let the gateway's user read it`]);
  t.same(errorLines(check(broker("{file: long}"), folder)), [
    `3:55 mqtt.password.file the password cannot be read from ${folder}/long (EISDIR); create it, or let the gateway's user read it`]);
  for (const file of ["empty", "long2"])
    t.same(errorLines(check(broker(`{file: ${file}}`), folder)), [
      `3:55 mqtt.password.file ${folder}/${file} holds no password; put it into the first line, and no more than that`]);
  t.same(errorLines(check(broker("{env: SECRET}"), folder)), [
    "3:54 mqtt.password.env the environment variable SECRET is not set; set it where the gateway is started, or name a file"]);
  chmodSync(join(folder, "pass"), 0o644);
  t.same(warningLines(check(broker("{file: pass}"), folder)), [
    `3:55 mqtt.password.file every user of this machine may read ${folder}/pass; run: chmod 600 ${folder}/pass`]);
});

const WRONG_SECRETS = [
  "mqtt: {url: 'mqtt://me:hunter2@h', passwd: hunter2}", "mqtt: {url: 'http://me:hunter2@h'}", "mqtt: 'mqtt://me:hunter2@h'", "mqtt: {url: h, password: [hunter2]}",
  "mqtt: {url: h, password: {hunter2: x}}", "mqtt: {url: h, password: {file: x, env: hunter2-}}", "mqtt: {url: h, password: {env: 'hunter2 '}}",
  "mqtt: {url: h, password: *hunter2}", "mqtt: {url: h, password: !hunter2 x}", 'mqtt: {url: h, password: "hunter2\\q"}', "mqtt: {url: h, password: %hunter2}",
  "mqtt: {url: h, password: @hunter2}", "mqtt: {url: h, password: hunter2", "mqtt:\n  password: &a hunter2: x", "mqtt: {username: [hunter2], password: 5}",
  "password: hunter2", "models: {url: h, password: hunter2}", "models: {password: [hunter2]}", "mqtt: {url: {x: hunter2}}",
  "mqtt: {url: h, password: {file: {hunter2: 1}}}", "hunter2", "mqtt: [hunter2]", "mqtt: {url: h, password: >hunter2}",
  "mqtt:\n url: h\n password: 'hunter2\nx: 1",
];

t.test("no message holds a secret, however it is misplaced", async (t) => {
  for (const wrong of WRONG_SECRETS) {
    const { errors, warnings } = check(`gateway: g\n${wrong}\n`);
    t.ok(errors.length > 0, wrong);
    t.notMatch(JSON.stringify([errors, warnings]), "hunter2", wrong);
  }
});

t.test("one error carries all problems, a line each", async (t) => {
  const folder = folderWith(t, { "bad.yaml": "gateway: G\nsources: {}\n" });
  const file = join(folder, "bad.yaml");
  const error = await loadConfig(file, {}).catch((cause: unknown) => cause);
  t.ok(error instanceof SaccadeError);
  const { code, exitCode, line, details } = error as SaccadeError;
  t.equal(code, "CONFIG_INVALID");
  t.equal(exitCode, 78);
  t.equal(line, `CONFIG_INVALID: ${file} has 2 problems; correct them, then run: saccade config check ${file}`);
  t.same(details.map((detail) => detail.slice(0, file.length + 13)), [`${file}:1:10 gateway`, `${file}:2:10 sources`]);
});

t.test("files that are none", async (t) => {
  const folder = folderWith(t, { "long.yaml": `# ${"x".repeat(300_000)}\n` });
  const codeOf = (file: string): Promise<unknown> => loadConfig(join(folder, file), {}).catch((error: SaccadeError) => error.code);
  t.equal(await codeOf("gone.yaml"), "FILE_NOT_FOUND");
  t.equal(await codeOf("long.yaml/x"), "FILE_NOT_FOUND");
  t.equal(await codeOf("."), "FILE_UNREADABLE");
  t.equal(await codeOf("long.yaml"), "CONFIG_INVALID");
  t.same(errorLines(check(Buffer.from([0x67, 0xff, 0xfe]))), ["1:1 this is no UTF-8 text; compare with the examples of docs/configuration.md"]);
});

t.test("a configuration is found at its usual places", async (t) => {
  const folder = folderWith(t, {});
  const places = [join(folder, "here/saccade.yaml"), join(folder, "etc/saccade.yaml")];
  await t.rejects(findConfig(places), { code: "FILE_NOT_FOUND" });
  for (const [i, name] of ["etc", "here"].entries()) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "saccade.yaml"), stringify({ i }));
    t.equal(await findConfig(places), join(folder, name, "saccade.yaml"));
  }
});
