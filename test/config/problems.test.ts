import t from "tap";
import { check, errorLines, folderWith, warningLines } from "./files.js";

const folder = folderWith(t, { "walk.raw": "x", "info.json": "{}", "sub/x": "" });
const SERIAL = "serial: {port: /dev/ttyUSB0}";

/** A file whose source cam0 holds this, on line 3 from column 10 on. */
const source = (text: string): string => `gateway: pi\nsources:\n  cam0: {${text}}\n`;
/** A file whose broker holds this, on line 4 from column 8 on. */
const broker = (text: string): string => `gateway: pi\nsources:\n  cam0: {${SERIAL}, format: ld19}\nmqtt: {${text}}\n`;
/** A file with two sources, on lines 3 and 4. */
const two = (a: string, b: string): string => `gateway: pi\nsources:\n  a: {${a}}\n  b: {${b}}\n`;

/** What is wrong, the file, and every line that is printed of it. */
const CASES: readonly (readonly [name: string, text: string, lines: readonly (string | RegExp)[]])[] = [
  ["a wrong key", source("serial: {port: /dev/ttyUSB0, buad: 9600}, format: ld19"), [
    '3:39 sources.cam0.serial.buad unknown key "buad"; did you mean baud?']],
  ["a key of another place", source(`${SERIAL}, format: ld19, baud: 9600`), [
    '3:54 sources.cam0.baud unknown key "baud"; write it below serial']],
  ["a key that is like none", source(`${SERIAL}, format: ld19, zebra: 1`), [
    '3:54 sources.cam0.zebra unknown key "zebra"; known here: serial, udp, mqtt, file, format, size, models, results, overload, stall-after, denoise, '
    + "record, sensor-info"]],
  ["a missing key", source("serial: {}, format: ld19"), ['3:10 sources.cam0.serial missing key "port"; write port: /dev/ttyUSB0']],
  ["missing keys of the file", "models: {}\n", [
    '1:1 missing key "gateway"; write gateway: pi-lab',
    '1:1 missing key "sources"; write sources: {cam0: {serial: {port: /dev/ttyUSB0}, format: edvs-e2}}']],
  ["a wrong type", source("serial: {port: /dev/ttyUSB0, baud: fast}, format: ld19"), [
    '3:45 sources.cam0.serial.baud "fast" is no whole number; write 230400']],
  ["a number with its thousands", source("serial: {port: /dev/ttyUSB0, baud: '230_400'}, format: ld19"), [
    '3:45 sources.cam0.serial.baud "230_400" is no whole number; write 230400']],
  ["a number with its unit", source("serial: {port: /dev/ttyUSB0, baud: 12 Mbaud}, format: ld19"), [
    '3:45 sources.cam0.serial.baud "12 Mbaud" is no whole number; write 12000000']],
  ["a number out of range", source("udp: {port: 70000}, format: velodyne"), [
    "3:22 sources.cam0.udp.port 70000 is out of range; write 1 to 65535"]],
  ["yes for true", broker("url: 'mqtt://localhost', cbor: yes"), ['4:39 mqtt.cbor "yes" is no true or false; write true']],
  ["a name that is a number", `gateway: 17\nsources: {cam0: {${SERIAL}, format: ld19}}\n`, [
    '1:10 gateway 17 is no text; put it in quotes: "17"']],
  ["one model that is no list", `models: {a: nmnist}\n${source(`${SERIAL}, format: edvs-e2, models: a`)}`, [
    '4:65 sources.cam0.models "a" is no list; write [a]']],
  ["nothing where keys are wanted", source("mqtt: , format: auto"), [
    "3:10 sources.cam0.mqtt nothing is no mapping of keys; write {} for its defaults, or leave the key away",
  ]],
  ["a wrong word, nearly right", source(`${SERIAL}, format: ld19, overload: drop_oldest`), [
    '3:64 sources.cam0.overload "drop_oldest" is not known here; did you mean drop-oldest?']],
  ["a wrong word", source(`${SERIAL}, format: ld19, overload: panic`), [
    '3:64 sources.cam0.overload "panic" is not known here; write one of drop-oldest, drop-newest, decimate, block']],
  ["a family of formats", source(`${SERIAL}, format: edvs`), [
    '3:48 sources.cam0.format "edvs" is not known here; write one of edvs-e0, edvs-e1, edvs-e2, edvs-e3, edvs-e4']],
  ["a format that is nearly right", source(`${SERIAL}, format: LD-19`), ['3:48 sources.cam0.format "LD-19" is not known here; did you mean ld19?']],
  ["a duration without a unit", source(`${SERIAL}, format: ld19, stall-after: 5`), [
    "3:67 sources.cam0.stall-after 5 is no duration; add a unit: 5ms or 5s"]],
  ["a duration in other words", source(`${SERIAL}, format: ld19, stall-after: 5 sec`), [
    '3:67 sources.cam0.stall-after "5 sec" is refused; did you mean 5s?']],
  ["a duration with a unit of its own", source(`${SERIAL}, format: edvs-e2, denoise: {refractory: 5 moons}`), [
    '3:79 sources.cam0.denoise.refractory "5 moons" is refused; write a number and its unit, one of us ms s min h d, such as 1us']],
  ["a duration out of range", source(`${SERIAL}, format: edvs-e2, denoise: {refractory: 1h}`), [
    '3:79 sources.cam0.denoise.refractory "1h" is out of range; write 1us to 60s']],
  ["a gateway that cannot stand in a topic", `gateway: Pi Lab\nsources: {cam0: {${SERIAL}, format: ld19}}\n`, [
    '1:10 gateway "Pi Lab" is refused; write 1 to 32 of a-z, 0-9, _ and -, beginning with a letter or digit']],
  ["a source that cannot stand in a topic", `gateway: pi\nsources:\n  Cam/0: {${SERIAL}, format: ld19}\n`, [
    '3:3 sources.Cam/0 "Cam/0" is refused as a name; write 1 to 32 of a-z, 0-9, _ and -, beginning with a letter or digit']],
  ["a base that cannot stand in a topic", broker("url: 'mqtt://localhost', base: a//b"), [
    '4:39 mqtt.base "a//b" is refused; write letters, digits, _ and -, in parts separated by one /']],
  ["a topic of many", broker("url: 'mqtt://localhost'").replace(SERIAL, "mqtt: {topic: a/#}").replace("ld19", "auto"), [
    '3:24 sources.cam0.mqtt.topic "a/#" is refused; write one whole topic: no + and #, no blanks, no / or $ at the beginning']],
  ["an address that is none", broker("url: localhost"), [
    "4:13 mqtt.url the broker's address is no URL that is understood; write it like mqtt://localhost:1883 or mqtts://host"]],
  ["a password without a user", broker("url: 'mqtt://localhost', password: x"), ["4:33 mqtt.password a password without a user; write username beside it"]],
  ["no input", source("format: ld19"), [
    "3:3 sources.cam0 nothing says where the bytes come from; write one of serial, udp, mqtt, file, such as serial: {port: /dev/ttyUSB0}"]],
  ["two inputs", source(`${SERIAL}, udp: {port: 5}, format: auto`), [
    "3:40 sources.cam0.udp a source has one input, and serial is one; keep serial or udp; give the other a source of its own"]],
  ["no sources", "gateway: pi\nsources: {}\n", [
    "2:10 sources an empty mapping; write one entry or more: {cam0: {serial: {port: /dev/ttyUSB0}, format: edvs-e2}}"]],
  ["an unknown model", `models: {digits: nmnist}\n${source(`${SERIAL}, format: edvs-e2, models: [digts]`)}`, [
    '4:66 sources.cam0.models.0 there is no model "digts"; did you mean digits?']],
  ["a model, and no models", source(`${SERIAL}, format: edvs-e2, models: [digits]`), [
    '3:66 sources.cam0.models.0 there is no model "digits"; add it to models: {digits: nmnist}']],
  ["results of an unknown model", source(`${SERIAL}, format: bridge, results: [digits]`), [
    '3:66 sources.cam0.results.0 there is no model "digits"; add it to models: {digits: nmnist}']],
  ["results of a sensor that has no network", `models: {a: nmnist}\n${source(`${SERIAL}, format: edvs-e2, results: [a]`)}`, [
    "4:57 sources.cam0.results only devices that speak bridge on a serial port send results; leave results away, or write format: bridge"]],
  ["a model twice", `models: {a: nmnist}\n${source(`${SERIAL}, format: edvs-e2, models: [a, a]`)}`, [
    "4:69 sources.cam0.models.1 the same as another entry; name it once"]],
  ["points with models", `models: {a: nmnist}\n${source(`${SERIAL}, format: ld19, models: [a]`)}`, [
    "4:54 sources.cam0.models ld19 gives points, which models of events do not read; leave models away: points are decoded, counted and recorded"]],
  ["points with filters", source("udp: {port: 2368}, format: auto, denoise: {}"), [
    "3:43 sources.cam0.denoise sensors found by UDP give points; denoise is for events; leave denoise away"]],
  ["a port of two sources", two(`${SERIAL}, format: ld19`, `${SERIAL}, format: edvs-e2`), [
    "4:22 sources.b.serial.port a reads port /dev/ttyUSB0 too; give b its own, or leave one of the two away"]],
  ["a USB port of two sources", two("serial: {port: usb:0403:601a}, format: ld19", "serial: {port: usb:0403:601A}, format: ld19"), [
    "4:22 sources.b.serial.port a reads port usb:0403:601A too; give b its own, or leave one of the two away"]],
  ["a UDP port of two sources", two("udp: {port: 2368}, format: velodyne", "udp: {port: 2368, address: 10.0.0.1}, format: hesai"), [
    "4:19 sources.b.udp.port a reads UDP port 2368 too; give b its own, or leave one of the two away"]],
  ["two addresses of one UDP port", two("udp: {port: 2368, address: 10.0.0.2}, format: velodyne", "udp: {port: 2368, address: 10.0.0.1}, format: hesai"), []],
  ["a topic of two sources", `mqtt: {url: 'mqtt://localhost'}\n${two("mqtt: {}", "mqtt: {topic: saccade/in/a/raw}")}`, [
    "5:21 sources.b.mqtt.topic a reads topic saccade/in/a/raw too; give b its own, or leave one of the two away"]],
  ["packets by MQTT without a broker", source("mqtt: {}"), [
    "3:10 sources.cam0.mqtt this source's packets come by MQTT, and there is no broker; write mqtt: {url: mqtt://localhost:1883} at the top"]],
  ["a format of files on a line", source("serial: {port: /dev/ttyUSB0, baud: 9600}, format: aedat4"), [
    /^3:60 sources\.cam0\.format aedat4 comes in files, not on a serial port; choose another input, or one of auto, evt2, .*, hokuyo$/]],
  ["datagrams on a line", source(`${SERIAL}, format: velodyne`), [
    /^3:48 sources\.cam0\.format velodyne comes by UDP, in files, not on a serial port; /]],
  ["a rate that nobody knows", source(`${SERIAL}, format: auto`), [
    '3:10 sources.cam0.serial missing key "baud": auto does not tell how fast the port is; write baud: and the sensor\'s bits a second']],
  ["a sender that does not wait", source("udp: {port: 2368}, format: velodyne, overload: block"), [
    "3:57 sources.cam0.overload a sender by UDP does not wait: what it sends meanwhile would be lost uncounted; write drop-oldest"]],
  ["a size that is none", source(`${SERIAL}, format: edvs-e2, size: 128`), ['3:63 sources.cam0.size 128 is no text; put it in quotes: "128"']],
  ["another size than the sensor's", source(`${SERIAL}, format: edvs-e2, size: 346x260`), [
    "3:63 sources.cam0.size a sensor that speaks edvs-e2 has 128x128 pixels; leave size away"]],
  ["a size that nobody knows", source("udp: {port: 3333}, format: spif"), [
    '3:3 sources.cam0 missing key "size": spif does not tell the sensor\'s size; write size: WIDTHxHEIGHT']],
  ["an Ouster without its metadata", source("udp: {port: 7502}, format: ouster"), [
    "3:3 sources.cam0 an ouster cannot be read without what it says of itself; write sensor-info: and the path of its metadata (JSON)"]],
  ["metadata of a sensor that has none", source(`${SERIAL}, format: ld19, sensor-info: info.json`), [
    "3:54 sources.cam0.sensor-info ld19 needs no file of the sensor's; leave sensor-info away"]],
  ["a host's name for an address", source("udp: {port: 2368, from: lidar.local}, format: velodyne"), [
    '3:34 sources.cam0.udp.from "lidar.local" is no IP address; write numbers, such as 192.168.1.201; names are not looked up']],
  ["a group that is none", source("udp: {port: 2368, group: 192.168.1.1}, format: velodyne"), [
    "3:35 sources.cam0.udp.group 192.168.1.1 is no multicast address; write one from 224.0.0.0 to 239.255.255.255, or from ff00:: on; or leave group away"]],
  ["two kinds of IP", source("udp: {port: 2368, group: 'ff02::1'}, format: velodyne"), [
    '3:35 sources.cam0.udp.group ff02::1 and the address 0.0.0.0 are of two kinds of IP; write address: "::"']],
  ["a port's name that is none", source("serial: {port: usb:403:6014}, format: ld19"), [
    '3:25 sources.cam0.serial.port "usb:403:6014" is refused; write a path (/dev/ttyUSB0), a name below /dev/serial/by-id, or usb:VID:PID in hexadecimal digits']],
  ["a recording that is not there", source("file: {path: gone.raw}"), [`3:23 sources.cam0.file.path there is no file ${folder}/gone.raw; check the path`]],
  ["a folder for a recording", source("file: {path: sub}"), [`3:23 sources.cam0.file.path ${folder}/sub is no file; check the path`]],
  ["a package that is not there", `models: {a: gone}\n${source(`${SERIAL}, format: edvs-e2, models: [a]`)}`, [
    `1:13 models.a there is no file ${folder}/gone; check the path, or name a model of the zoo: nmnist`]],
  ["metadata that are not there", source("udp: {port: 7502}, format: ouster, sensor-info: gone.json"), [
    `3:58 sources.cam0.sensor-info there is no file ${folder}/gone.json; check the path`]],
  ["a file for a folder", source(`${SERIAL}, format: ld19, record: walk.raw`), [`3:62 sources.cam0.record ${folder}/walk.raw is a file; name a folder`]],
  ["a key twice", "gateway: pi\nsources: {cam0: {file: {path: walk.raw}}}\ngateway: pa\n", ["3:1 gateway this key stands twice; keep one of the two"]],
  ["a tag", "gateway: !env NAME\nsources: {cam0: {file: {path: walk.raw}}}\n", [
    "1:10 tags are not read; leave what begins with ! away, or put the text in quotes"]],
  ["an alias of nothing", "gateway: *name\nsources: {cam0: {file: {path: walk.raw}}}\n", [
    "1:10 gateway this alias has no anchor before it; put texts that begin with * in quotes"]],
  ["two documents", "gateway: pi\n---\nsources: {}\n", ["2:1 a second document begins; leave lines of --- away, all stands in one"]],
  ["a tab", "gateway: pi\nsources:\n\tcam0:\n", ["3:1 a tab in the indentation; indent with spaces"]],
  ["a text", "hello", [
    "1:1 this text is no mapping of keys; write {gateway: pi-lab, sources: {cam0: {serial: {port: /dev/ttyUSB0}, format: edvs-e2}}}"]],
];

for (const [name, text, lines] of CASES)
  t.test(`told with its place: ${name}`, async (t) => {
    const checked = check(text, folder);
    const printed = errorLines(checked);
    t.equal(printed.length, lines.length, printed.join("\n"));
    lines.forEach((line, i) => (typeof line === "string" ? t.equal(printed[i], line) : t.match(printed[i], line)));
    t.equal(checked.config === undefined, lines.length > 0);
  });

t.test("one mistake does not hide another, and all are in the order of the text", async (t) => {
  const checked = check("gateway: Pi\nmodels: {a: gone, b: nmnist}\nsources:\n  x: {file: {pth: y}}\n  y: {serial: {port: p}, format: ld06, models: [c]}\nqueue: 1\n", folder);
  t.same(checked.errors.map(({ line, column, path }) => `${line}:${column} ${path}`), [
    "1:10 gateway", "2:13 models.a", "4:7 sources.x.file", "4:14 sources.x.file.pth", "5:40 sources.y.models", "5:49 sources.y.models.0", "6:1 queue",
  ]);
});

t.test("what is most likely not meant is a warning", async (t) => {
  const checked = check(`models:\n  digits: nmnist\n${source(`${SERIAL}, format: edvs-e2`)}`, folder);
  t.same(warningLines(checked), ["2:3 models.digits no source uses this model; write models: [digits] in a source, or leave it away"]);
  t.ok(checked.config);
});
