import type { Drops, Micros } from "../../types.js";
import { drop } from "../drops.js";

/** The payload of one UDP datagram; valid until the next is asked for. */
export interface Datagram {
  readonly payload: Uint8Array;
  /** Where it went. */
  readonly port: number;
  /** Who sent it: the same for all of one sender's that go to one port. */
  readonly stream: string;
  readonly arrival: Micros;
}

const ETHERNET_BYTES = 14, VLAN_BYTES = 4, VLANS: readonly number[] = [0x8100, 0x88a8, 0x9100];
const IPV4 = 0x0800, IPV6 = 0x86dd, UDP = 17, UDP_BYTES = 8, IPV6_BYTES = 40, IPV4_BYTES = 20, IPV6_FRAGMENT = 44, FRAGMENT_BYTES = 8;
const MOST_BYTES = 65535;
/** Datagrams that are put together at a time; the oldest gives way. */
const MOST_OPEN = 8;

/** Bytes before the network's, by the link type of a capture; −1 when the bytes tell by themselves. Source: the tcpdump group's list. */
const LINKS: Readonly<Record<number, { readonly bytes: number; readonly typeAt: number }>> = {
  0: { bytes: 4, typeAt: -1 },
  1: { bytes: ETHERNET_BYTES, typeAt: 12 },
  101: { bytes: 0, typeAt: -1 },
  108: { bytes: 4, typeAt: -1 },
  113: { bytes: 16, typeAt: 14 },
  228: { bytes: 0, typeAt: -1 },
  229: { bytes: 0, typeAt: -1 },
  276: { bytes: 20, typeAt: 0 },
};

export const isKnownLink = (link: number): boolean => link in LINKS;

/** A datagram that came in fragments. */
interface Open {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Which 8-byte pieces have come. */
  readonly have: Uint8Array;
  /** Bytes of the whole, −1 until its last fragment has come. */
  total: number;
  pieces: number;
}

/**
 * What a network card saw, to UDP datagrams: Ethernet, VLANs, Linux's cooked links, IPv4 and IPv6, fragments put together. Checksums are
 * not looked at, for captures of packets that are sent often have none.
 */
export class UdpReader {
  readonly #open: Open[] = [];

  constructor(readonly drops: Drops) {}

  /** @returns undefined for what is no datagram, or not yet whole; counted as `other_stream` or, when it never will be, `fragment` */
  read(frame: Uint8Array, link: number, arrival: Micros): Datagram | undefined {
    const network = networkOf(frame, link);
    if (network === undefined) return this.#other();
    const view = new DataView(network.buffer, network.byteOffset, network.byteLength);
    const version = network.length > 0 ? network[0]! >> 4 : 0;
    if (version === 4) return this.#readIpv4(network, view, arrival);
    return version === 6 ? this.#readIpv6(network, view, arrival) : this.#other();
  }

  /** Counts fragments whose others never came. */
  end(): void {
    for (const { pieces } of this.#open) if (pieces > 0) drop(this.drops, "fragment");
    this.#open.length = 0;
  }

  #other(): undefined {
    drop(this.drops, "other_stream");
    return undefined;
  }

  #readIpv4(packet: Uint8Array, view: DataView, arrival: Micros): Datagram | undefined {
    const head = (packet[0]! & 15) * 4;
    if (head < IPV4_BYTES || packet.length < head || packet[9] !== UDP) return this.#other();
    // A total of 0 is what a card that cuts segments itself leaves there.
    const total = view.getUint16(2) || packet.length;
    if (total < head || total > packet.length) return this.#other();
    const flags = view.getUint16(6), offset = (flags & 0x1fff) * 8, more = (flags & 0x2000) !== 0;
    const body = packet.subarray(head, total);
    const sender = String(view.getUint32(12));
    if (offset === 0 && !more) return this.#datagram(body, sender, arrival);
    return this.#readFragment(`${sender} ${view.getUint32(16)} ${view.getUint16(4)}`, sender, body, offset, more, arrival);
  }

  #readIpv6(packet: Uint8Array, view: DataView, arrival: Micros): Datagram | undefined {
    if (packet.length < IPV6_BYTES) return this.#other();
    const total = IPV6_BYTES + view.getUint16(4);
    if (total > packet.length) return this.#other();
    const next = packet[6], sender = Buffer.from(packet.subarray(8, 24)).toString("hex");
    if (next === UDP) return this.#datagram(packet.subarray(IPV6_BYTES, total), sender, arrival);
    if (next !== IPV6_FRAGMENT || total < IPV6_BYTES + FRAGMENT_BYTES || packet[IPV6_BYTES] !== UDP) return this.#other();
    const flags = view.getUint16(IPV6_BYTES + 2);
    const receiver = Buffer.from(packet.subarray(24, IPV6_BYTES)).toString("hex"), body = packet.subarray(IPV6_BYTES + FRAGMENT_BYTES, total);
    const key = `${sender} ${receiver} ${view.getUint32(IPV6_BYTES + 4)}`;
    return this.#readFragment(key, sender, body, flags & 0xfff8, (flags & 1) !== 0, arrival);
  }

  #readFragment(key: string, sender: string, body: Uint8Array, offset: number, more: boolean, arrival: Micros): Datagram | undefined {
    if (offset + body.length > MOST_BYTES || body.length === 0 || (more && body.length % 8 !== 0)) return this.#other();
    const open = this.#find(key);
    open.bytes.set(body, offset);
    for (let piece = offset >> 3; piece << 3 < offset + body.length; piece++) {
      if (open.have[piece] === 0) open.pieces++;
      open.have[piece] = 1;
    }
    if (!more) open.total = offset + body.length;
    if (open.total < 0 || open.pieces < Math.ceil(open.total / 8)) return undefined;
    this.#open.splice(this.#open.indexOf(open), 1);
    return this.#datagram(open.bytes.subarray(0, open.total), sender, arrival);
  }

  #find(key: string): Open {
    const found = this.#open.find((open) => open.key === key);
    if (found !== undefined) return found;
    if (this.#open.length === MOST_OPEN) {
      this.#open.shift();
      drop(this.drops, "fragment");
    }
    const made: Open = { key, bytes: new Uint8Array(MOST_BYTES + 1), have: new Uint8Array((MOST_BYTES + 1) / 8), total: -1, pieces: 0 };
    this.#open.push(made);
    return made;
  }

  #datagram(body: Uint8Array, sender: string, arrival: Micros): Datagram | undefined {
    if (body.length < UDP_BYTES) return this.#other();
    const length = (body[4]! << 8) | body[5]!, end = length === 0 ? body.length : length;
    if (end < UDP_BYTES || end > body.length) return this.#other();
    const from = (body[0]! << 8) | body[1]!, port = (body[2]! << 8) | body[3]!;
    return { payload: body.subarray(UDP_BYTES, end), port, stream: `${sender} ${from} ${port}`, arrival };
  }
}

/** The bytes of IP that a frame holds; undefined when it holds another network's. */
function networkOf(frame: Uint8Array, link: number): Uint8Array | undefined {
  const layout = LINKS[link];
  if (layout === undefined || frame.length < layout.bytes) return undefined;
  if (layout.typeAt < 0) return frame.subarray(layout.bytes);
  let at = layout.bytes, type = (frame[layout.typeAt]! << 8) | frame[layout.typeAt + 1]!;
  while (VLANS.includes(type)) {
    if (frame.length < at + VLAN_BYTES) return undefined;
    type = (frame[at + 2]! << 8) | frame[at + 3]!;
    at += VLAN_BYTES;
  }
  return type === IPV4 || type === IPV6 ? frame.subarray(at) : undefined;
}
