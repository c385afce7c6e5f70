import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import t, { type Test } from "tap";
import { findPort, listPorts, type PortRoots } from "../../host/sources/ports.js";

interface Usb { readonly vid: string; readonly pid: string; readonly serial?: string; readonly product?: string }

/** A /sys and a /dev as Linux lays them out. */
function machine(t: Test, ttys: Readonly<Record<string, { readonly driver: string; readonly usb?: Usb; readonly id?: string }>>): PortRoots {
  const root = mkdtempSync(join(tmpdir(), "saccade-ports-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  const roots = { dev: join(root, "dev"), sys: join(root, "sys") };
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const link = (to: string, path: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(to, path);
  };
  for (const [tty, { driver, usb, id }] of Object.entries(ttys)) {
    const board = join(roots.sys, "devices", usb ? `usb1/1-${tty}` : "platform");
    const device = usb ? join(board, "1-1:1.0", tty) : join(board, tty);
    mkdirSync(join(roots.sys, "drivers", driver), { recursive: true });
    mkdirSync(device, { recursive: true });
    link(join(roots.sys, "drivers", driver), join(device, "driver"));
    link(device, join(roots.sys, "class", "tty", tty, "device"));
    put(join(roots.dev, tty), "");
    if (usb) {
      put(join(board, "idVendor"), `${usb.vid}\n`);
      put(join(board, "idProduct"), `${usb.pid}\n`);
      if (usb.serial) put(join(board, "serial"), `${usb.serial}\n`);
      if (usb.product) put(join(board, "product"), `${usb.product}\n`);
    }
    if (id) link(join(roots.dev, tty), join(roots.dev, "serial", "by-id", id));
  }
  mkdirSync(join(roots.sys, "class", "tty", "tty0"), { recursive: true });
  return roots;
}

const CP2102 = { vid: "10C4", pid: "ea60" };

t.test("ports are those that a device stands behind, by all their names", async (t) => {
  const roots = machine(t, {
    ttyUSB10: { driver: "cp210x", usb: { ...CP2102, serial: "0002", product: "LD19" }, id: "usb-Silabs_0002" },
    ttyUSB2: { driver: "cp210x", usb: { ...CP2102, serial: "0001" } },
    ttyAMA0: { driver: "uart-pl011" },
    ttyS3: { driver: "serial8250" },
  });
  const ports = await listPorts(roots);
  t.same(ports.map(({ path }) => path), ["ttyAMA0", "ttyUSB2", "ttyUSB10"].map(tty => join(roots.dev, tty)));
  t.equal(ports[0]!.usb, undefined);
  t.match(ports[2], { id: "usb-Silabs_0002", usb: { vendorId: "10c4", productId: "ea60", serial: "0002", product: "LD19" } });
});

t.test("a port is found by path, id and USB numbers; two that fit are refused", async (t) => {
  const roots = machine(t, {
    ttyUSB0: { driver: "cp210x", usb: { ...CP2102, serial: "0001" }, id: "usb-Silabs_0001" },
    ttyUSB1: { driver: "cp210x", usb: { ...CP2102, serial: "0002" } },
    ttyACM0: { driver: "cdc_acm", usb: { vid: "1209", pid: "abd1" } },
  });
  const path = (tty: string): string => join(roots.dev, tty);
  t.equal(await findPort("/dev/anything", roots), "/dev/anything");
  t.equal(await findPort("usb-Silabs_0001", roots), path("ttyUSB0"));
  t.equal(await findPort("usb:1209:ABD1", roots), path("ttyACM0"));
  t.equal(await findPort("usb:10c4:ea60:0002", roots), path("ttyUSB1"));
  t.equal(await findPort("usb:10c4:ea60:0003", roots), undefined);
  t.equal(await findPort("usb-Nobody", roots), undefined);
  await t.rejects(findPort("usb:10c4:ea60", roots), { code: "PORT_AMBIGUOUS", message: /0001.*0002/ });
  for (const odd of ["usb:10c4", "usb:xyz:ea60", "../secret", ""]) await t.rejects(findPort(odd, roots), { code: "CONFIG_INVALID" }, odd);
});

t.test("a machine without such files has no ports", async (t) => {
  t.same(await listPorts({ dev: "/nowhere", sys: "/nowhere" }), []);
});
