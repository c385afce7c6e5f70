import { access, stat } from "node:fs/promises";
import { SerialPort } from "serialport";
import { SaccadeError } from "../errors.js";
import { ChunkQueue, type Overload } from "./chunk-queue.js";
import type { Connection, Device } from "./connection.js";
import { findPort, type PortRoots } from "./ports.js";

export interface SerialOptions {
  /** A path, the name below /dev/serial/by-id, or usb:VID:PID[:SERIAL]. */
  readonly port: string;
  readonly baudRate: number;
  readonly rtscts?: boolean;
  /** Sets the line DTR, which some sensors' motors hang on. Default: as the system opens it, which is set. */
  readonly dtr?: boolean | undefined;
  readonly overload?: Overload;
  readonly roots?: PortRoots;
}

/** One read of the operating system. */
const READ_BYTES = 65_536;
/** How often it is looked whether an open port's file is still the one that was opened. */
const LOOK_MILLIS = 200;

/** A serial port by its name; which file that is today is looked up at each opening. */
export function serialDevice(options: SerialOptions): Device {
  const { port, roots } = options;
  return {
    name: port,
    async isPresent() {
      const path = await findPort(port, roots);
      return path !== undefined && (await access(path).then(() => true, () => false));
    },
    async open() {
      const path = await findPort(port, roots);
      if (path === undefined) throw new SaccadeError("PORT_REFUSED", `${port} is not plugged in`, "saccade ports lists what is");
      return openPort(path, options);
    },
  };
}

function openPort(path: string, { baudRate, rtscts = false, dtr, overload }: SerialOptions): Promise<Connection> {
  const port = new SerialPort({ path, baudRate, rtscts, lock: true, highWaterMark: READ_BYTES, autoOpen: false });
  const hold = (full: boolean): unknown => (full ? port.pause() : port.resume());
  const chunks = new ChunkQueue({ hold, ...(overload === undefined ? {} : { overload }) });
  let reason = "closed", looking: NodeJS.Timeout | undefined;
  const ended = new Promise<string>(resolve => {
    port.once("close", (cause: Error | null) => {
      clearInterval(looking);
      if (cause) reason = cause.message;
      chunks.end();
      resolve(reason);
    });
  });
  // A write that is cut off reports here too; the close that follows says all there is to say.
  port.on("error", (cause: Error) => (reason = cause.message));
  port.on("data", (bytes: Buffer) => chunks.put(bytes));
  return new Promise((resolve, reject) => {
    port.open(cause => {
      if (cause) return reject(refused(path, cause));
      // A line without it, such as a pseudo-terminal, has no motor on it either.
      if (dtr !== undefined) port.set({ dtr }, () => undefined);
      looking = watchFile(path, () => {
        reason = "unplugged";
        void close(port, ended);
      });
      resolve({ chunks, ended, drops: chunks.drops, write: bytes => write(port, bytes, ended), close: () => close(port, ended) });
    });
  });
}

/** A hang-up is not always told to who waits for bytes (1 in 100 when one follows a write at once): the file that has gone tells it too. */
function watchFile(path: string, gone: () => void): NodeJS.Timeout {
  const identity = (): Promise<string> => stat(path).then(({ dev, ino, rdev }) => `${dev} ${ino} ${rdev}`, () => "gone");
  const opened = identity();
  return setInterval(() => void Promise.all([opened, identity()]).then(([before, now]) => now !== before && gone()), LOOK_MILLIS);
}

/** A write to a port that has gone never calls back. */
function write(port: SerialPort, bytes: Uint8Array, ended: Promise<string>): Promise<boolean> {
  const written = new Promise<boolean>(resolve => {
    port.write(Buffer.from(bytes), cause => resolve(!cause));
  });
  return Promise.race([written, ended.then(() => false)]);
}

async function close(port: SerialPort, ended: Promise<string>): Promise<void> {
  if (port.isOpen) port.close(() => undefined);
  await ended;
}

function refused(path: string, cause: Error): SaccadeError {
  const what = cause.message.replace(/^Error:?\s*/, "");
  const remedy = /permission denied/i.test(what)
    ? "give yourself the port's group (often: sudo usermod -aG dialout $USER) and log in again"
    : /lock|busy|temporarily unavailable/i.test(what)
      ? "another program has the port: stop it (ModemManager, a terminal, another gateway)"
      : "check the cable and the port's name: saccade ports lists them";
  return new SaccadeError("PORT_REFUSED", `${path} does not open: ${what}`, remedy, { cause });
}
