import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";

/** A UDP port of loopback that nobody listens on at this moment. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** A sensor that sends datagrams to one port. */
export class UdpSender {
  private constructor(
    readonly socket: Socket,
    readonly port: number,
    readonly to: string,
  ) {}

  /** @param from its address  @param to where it sends, or a group */
  static async open(port: number, from = "127.0.0.1", to = "127.0.0.1"): Promise<UdpSender> {
    const socket = createSocket(isIPv6(from) ? "udp6" : "udp4");
    await new Promise<void>((resolve) => socket.bind(0, from, resolve));
    if (/^(22[4-9]|23\d)\./.test(to)) socket.setMulticastInterface(from);
    return new UdpSender(socket, port, to);
  }

  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => this.socket.send(bytes, this.port, this.to, (error) => (error ? reject(error) : resolve())));
  }

  /** Many at once: the system may drop some. */
  burst(bytes: Uint8Array, count: number): void {
    for (let k = 0; k < count; k++) this.socket.send(bytes, this.port, this.to);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }
}
