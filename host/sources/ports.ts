import { readdir, readFile, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SaccadeError } from "../errors.js";

/** A serial port that the system has. */
export interface PortInfo {
  /** /dev/ttyUSB0 */
  readonly path: string;
  /** Its name below /dev/serial/by-id, which stays when ports are numbered anew; undefined for ports that are not USB. */
  readonly id: string | undefined;
  readonly usb: UsbInfo | undefined;
}

export interface UsbInfo {
  /** Four hex digits, lower case. */
  readonly vendorId: string;
  readonly productId: string;
  readonly serial: string | undefined;
  readonly manufacturer: string | undefined;
  readonly product: string | undefined;
}

/** Where the system keeps its files. */
export interface PortRoots {
  readonly dev: string;
  readonly sys: string;
}

const ROOTS: PortRoots = { dev: "/dev", sys: "/sys" };
/** Directories between a tty and the USB device that it is a part of, at most. */
const MOST_PARENTS = 6;

/** The serial ports that a device stands behind, in the order of their paths. Reads files only: nothing is opened, no process started. */
export async function listPorts(roots: PortRoots = ROOTS): Promise<PortInfo[]> {
  const ids = await idsByPath(roots);
  const ttys = await entries(join(roots.sys, "class", "tty"));
  const ports = await Promise.all(ttys.map(async tty => {
    const device = await realpath(join(roots.sys, "class", "tty", tty, "device")).catch(() => undefined);
    if (device === undefined || !(await isPort(device))) return undefined;
    const path = join(roots.dev, tty);
    return { path, id: ids.get(path), usb: await usbOf(device) };
  }));
  return ports.flatMap(port => port ?? []).sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
}

/**
 * The path of a port today.
 * @param wanted  a path; a name below /dev/serial/by-id; or usb:VID:PID or usb:VID:PID:SERIAL
 * @returns undefined when it is not there
 * @throws SaccadeError CONFIG_INVALID for a name of no known form, PORT_AMBIGUOUS when several ports fit
 */
export async function findPort(wanted: string, roots: PortRoots = ROOTS): Promise<string | undefined> {
  if (wanted.startsWith("/")) return wanted;
  if (!wanted.startsWith("usb:")) {
    if (!/^[\w.:@+-]+$/.test(wanted)) throw unknownForm(wanted);
    return realpath(join(roots.dev, "serial", "by-id", wanted)).catch(() => undefined);
  }
  const [, vendor, product, serial] = /^usb:([\da-f]{4}):([\da-f]{4})(?::(.+))?$/i.exec(wanted) ?? [];
  if (vendor === undefined || product === undefined) throw unknownForm(wanted);
  const fitting = (await listPorts(roots)).filter(({ usb }) =>
    usb?.vendorId === vendor.toLowerCase() && usb.productId === product.toLowerCase() && (serial === undefined || usb.serial === serial));
  if (fitting.length <= 1) return fitting[0]?.path;
  const named = fitting.map(({ path, usb }) => `${path} (serial ${usb?.serial ?? "unknown"})`).join(", ");
  throw new SaccadeError("PORT_AMBIGUOUS", `${wanted} fits ${named}`, "add the serial number: usb:VID:PID:SERIAL, or name the port's id");
}

function unknownForm(wanted: string): SaccadeError {
  return new SaccadeError("CONFIG_INVALID", `${JSON.stringify(wanted)} names no port`,
    "write a path (/dev/ttyUSB0), a name of /dev/serial/by-id, or usb:VID:PID");
}

/** Names below /dev/serial/by-id by the path that they point to. */
async function idsByPath({ dev }: PortRoots): Promise<Map<string, string>> {
  const folder = join(dev, "serial", "by-id");
  const found = new Map<string, string>();
  for (const id of await entries(folder)) {
    const path = await realpath(join(folder, id)).catch(() => undefined);
    if (path !== undefined) found.set(path, id);
  }
  return found;
}

/** The kernel lists serial ports that no chip stands behind, too: those hang on "serial8250" and the like without an own device. */
async function isPort(device: string): Promise<boolean> {
  const driver = await realpath(join(device, "driver")).catch(() => undefined);
  return driver !== undefined && basename(driver) !== "serial8250";
}

/** What the nearest USB device above says of itself. */
async function usbOf(device: string): Promise<UsbInfo | undefined> {
  let at = device;
  for (let step = 0; step < MOST_PARENTS; step++, at = dirname(at)) {
    const [vendorId, productId] = [await line(at, "idVendor"), await line(at, "idProduct")];
    if (vendorId === undefined || productId === undefined) continue;
    const [serial, manufacturer, product] = [await line(at, "serial"), await line(at, "manufacturer"), await line(at, "product")];
    return { vendorId: vendorId.toLowerCase(), productId: productId.toLowerCase(), serial, manufacturer, product };
  }
  return undefined;
}

async function line(folder: string, name: string): Promise<string | undefined> {
  return readFile(join(folder, name), "utf8").then(text => text.trim(), () => undefined);
}

function entries(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
