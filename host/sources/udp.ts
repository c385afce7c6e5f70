import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { SaccadeError } from "../errors.js";
import type { Drops } from "../types.js";
import { ChunkQueue, type Overload } from "./chunk-queue.js";
import type { Connection, Device } from "./connection.js";
import { kernelDrops } from "./udp-drops.js";

export interface UdpOptions {
  /** The local address to listen on: 0.0.0.0 or :: for all, or one of an interface. */
  readonly address: string;
  readonly port: number;
  /** Takes datagrams of this sender's address only. */
  readonly from?: string | undefined;
  /** A multicast group to join, on the interface of `address`. */
  readonly group?: string | undefined;
  readonly overload?: Overload;
  /** Asked of the system for what it holds until it is read. Default 4 MiB; Linux gives no more than net.core.rmem_max. */
  readonly receiveBufferBytes?: number;
}

/** A socket that listens: each chunk is one datagram. */
export interface UdpConnection extends Connection {
  /** What the system gave. */
  readonly receiveBufferBytes: number;
}

export interface UdpDevice extends Device {
  open(): Promise<UdpConnection>;
}

const RECEIVE_BUFFER_BYTES = 4 << 20;
/** How often the system is asked what it dropped, ms. */
const COUNT_MILLIS = 1000;
const EVERYWHERE: readonly string[] = ["0.0.0.0", "::"];

/**
 * A UDP port of this machine, as a source of datagrams. It is there when an interface has its address. Nothing is ever sent.
 * Drops of its connections: `foreign_sender`, datagrams of others than `from`; `receive_buffer_full`, datagrams that the system dropped
 * because nobody read them in time (Linux); and bytes of the queue, as its policy says.
 * @throws SaccadeError CONFIG_INVALID when an address, the group or the port is none
 */
export function udpDevice(options: UdpOptions): UdpDevice {
  const { address, port, from, group } = options;
  checkOptions(options);
  return {
    name: `udp ${group === undefined ? "" : `${group} on `}${isIPv6(address) ? `[${address}]` : address}:${port}${from === undefined ? "" : ` from ${from}`}`,
    isPresent: async () => EVERYWHERE.includes(address) || hasAddress(address),
    open: () => openSocket(options),
  };
}

function checkOptions({ address, port, from, group }: UdpOptions): void {
  const wrong = (what: string, remedy: string): SaccadeError => new SaccadeError("CONFIG_INVALID", what, remedy);
  const family = isIPv6(address) ? isIPv6 : isIPv4;
  if (!isIPv4(address) && !isIPv6(address))
    throw wrong(`${JSON.stringify(address)} is no IP address`, "write 0.0.0.0 to listen on all interfaces, or the address of one");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw wrong(`${port} is no UDP port`, "choose one from 1 to 65535");
  if (from !== undefined && !family(from)) throw wrong(`${JSON.stringify(from)} is no IP address like ${address}`, "write the sensor's address");
  if (group !== undefined && !(family(group) && isMulticast(group)))
    throw wrong(`${JSON.stringify(group)} is no multicast group like ${address}`, "groups are 224.0.0.0 to 239.255.255.255, or begin with ff");
}

function isMulticast(address: string): boolean {
  if (isIPv6(address)) return /^ff/i.test(address);
  const first = Number(address.split(".")[0]);
  return first >= 224 && first <= 239;
}

/** Loopback's whole network belongs to it, though it lists one address. */
function hasAddress(address: string): boolean {
  if (address.startsWith("127.")) return true;
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === address));
}

async function openSocket(options: UdpOptions): Promise<UdpConnection> {
  const { address, port, from, group, overload } = options;
  const type = isIPv6(address) ? "udp6" : "udp4";
  // Several programs may listen to one group; a port that others send to directly is ours alone.
  const socket = createSocket({ type, reuseAddr: group !== undefined, ipv6Only: type === "udp6" && address !== "::" });
  const drops: Drops = {};
  const chunks = new ChunkQueue(overload === undefined ? {} : { overload }, drops);
  const local = group !== undefined && process.platform !== "win32" ? group : address;
  try {
    const bound = once(socket, "listening");
    socket.bind({ address: local, port, exclusive: true });
    await bound;
    if (group !== undefined) join(socket, group, address);
  } catch (cause) {
    socket.close();
    throw refused(options, cause as NodeJS.ErrnoException);
  }
  const receiveBufferBytes = enlarge(socket, options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES);
  const ended = listen(socket, chunks, { from, drops, local, port });
  return {
    chunks,
    ended,
    drops,
    receiveBufferBytes,
    write: () => Promise.resolve(false),
    async close() {
      if (isOpen(socket)) socket.close();
      await ended;
    },
  };
}

function join(socket: Socket, group: string, address: string): void {
  if (EVERYWHERE.includes(address)) socket.addMembership(group);
  else socket.addMembership(group, address);
}

/** @returns bytes that the system gave; Linux reports twice what a program may fill */
function enlarge(socket: Socket, bytes: number): number {
  try {
    socket.setRecvBufferSize(bytes);
  } catch {
    // The size that the system chose stands; what it is, the connection tells.
  }
  const got = socket.getRecvBufferSize();
  return process.platform === "linux" ? got / 2 : got;
}

interface Listening {
  readonly from: string | undefined;
  readonly drops: Drops;
  readonly local: string;
  readonly port: number;
}

/** Puts datagrams into the queue until the socket closes. @returns why it did */
function listen(socket: Socket, chunks: ChunkQueue, { from, drops, local, port }: Listening): Promise<string> {
  let reason = "closed";
  let counted: number | undefined;
  const countKernelDrops = async (): Promise<void> => {
    const now = await kernelDrops(local, port);
    if (now !== undefined && counted !== undefined && now > counted) drops["receive_buffer_full"] = (drops["receive_buffer_full"] ?? 0) + now - counted;
    counted = now ?? counted;
  };
  void countKernelDrops();
  const counting = setInterval(() => void countKernelDrops(), COUNT_MILLIS).unref();
  socket.on("message", (bytes: Buffer, { address }: RemoteInfo) => {
    if (from === undefined || address === from || address === `::ffff:${from}`) chunks.put(bytes);
    else drops["foreign_sender"] = (drops["foreign_sender"] ?? 0) + 1;
  });
  return new Promise((resolve) => {
    socket.on("error", (cause) => {
      reason = cause.message;
      if (isOpen(socket)) socket.close();
    });
    socket.once("close", () => {
      clearInterval(counting);
      chunks.end();
      resolve(reason);
    });
  });
}

/** A socket that was closed throws when it is asked. */
function isOpen(socket: Socket): boolean {
  try {
    socket.address();
    return true;
  } catch {
    return false;
  }
}

function refused({ address, port, group }: UdpOptions, cause: NodeJS.ErrnoException): SaccadeError {
  const where = `UDP port ${port} of ${address}`;
  const [what, remedy] =
    cause.code === "EADDRINUSE"
      ? ["another program listens there", `stop it (ss -ulnp lists who does), or let the sensor send to another port`]
      : cause.code === "EADDRNOTAVAIL"
        ? ["no interface has that address", "plug the network in, or write 0.0.0.0 to listen on all interfaces"]
        : cause.code === "EACCES"
          ? ["this user may not listen there", "choose a port from 1024 on"]
          : cause.code === "ENODEV"
            ? [`no interface reaches the group ${group}`, "write the address of the sensor's interface"]
            : [cause.message, "check the address and the port"];
  return new SaccadeError("PORT_REFUSED", `${where} does not open: ${what}`, remedy, { cause });
}
