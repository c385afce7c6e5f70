/** What a network card would have seen of datagrams, and files of it: written apart from the readers. */

const be16 = (...values: number[]): Buffer => Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));

export function udp(payload: Uint8Array, port: number): Buffer {
  return Buffer.concat([be16(40000, port, 8 + payload.length, 0), payload]);
}

/** @param offset of a fragment, bytes   @param more fragments follow */
export function ipv4(body: Uint8Array, { id = 1, offset = 0, more = false, protocol = 17, from = 1 } = {}): Buffer {
  const head = be16(0x4500, 20 + body.length, id, (more ? 0x2000 : 0) | (offset / 8), 0x4000 | protocol, 0);
  return Buffer.concat([head, Buffer.from([10, 0, 0, from, 10, 0, 0, 2]), body]);
}

export function ipv6(body: Uint8Array, next = 17): Buffer {
  return Buffer.concat([be16(0x6000, 0, body.length, (next << 8) | 64), Buffer.alloc(32, 7), body]);
}

export function fragment6(body: Uint8Array, offset: number, more: boolean): Buffer {
  return ipv6(Buffer.concat([Buffer.from([17, 0]), be16(offset | Number(more), 0, 99), body]), 44);
}

export function ethernet(packet: Uint8Array, type = 0x0800, vlans: readonly number[] = []): Buffer {
  return Buffer.concat([Buffer.alloc(12, 2), ...vlans.map((vlan) => be16(0x8100, vlan)), be16(type), packet]);
}

export interface Seen {
  readonly frame: Uint8Array;
  readonly micros: number;
}

export function pcap(frames: readonly Seen[], { little = true, nano = false, link = 1 } = {}): Buffer {
  const u32 = (...values: number[]): Buffer => {
    const words = Buffer.from(Uint32Array.from(values).buffer);
    return little ? words : words.swap32();
  };
  const records = frames.map(({ frame, micros }) =>
    Buffer.concat([u32(Math.floor(micros / 1e6), (micros % 1e6) * (nano ? 1000 : 1), frame.length, frame.length), frame]));
  return Buffer.concat([u32(nano ? 0xa1b23c4d : 0xa1b2c3d4, 0x00040002, 0, 0, 65535, link), ...records]);
}

export function pcapng(frames: readonly Seen[], { little = true, link = 1, nano = false } = {}): Buffer {
  const u32 = (...values: number[]): Buffer => {
    const words = Buffer.from(Uint32Array.from(values).buffer);
    return little ? words : words.swap32();
  };
  const u16 = (...values: number[]): Buffer => {
    const words = Buffer.from(Uint16Array.from(values).buffer);
    return little ? words : words.swap16();
  };
  const block = (type: number, body: Buffer): Buffer => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]), bytes = 12 + padded.length;
    return Buffer.concat([u32(type, bytes), padded, u32(bytes)]);
  };
  const options = nano ? Buffer.concat([u16(9, 1), Buffer.from([9, 0, 0, 0]), u32(0)]) : Buffer.alloc(0);
  return Buffer.concat([
    block(0x0a0d0d0a, Buffer.concat([u32(0x1a2b3c4d), u16(1, 0), u32(0xffffffff, 0xffffffff)])),
    block(1, Buffer.concat([u16(link, 0), u32(65535), options])),
    block(0x0bad, Buffer.from("anything")),
    ...frames.map(({ frame, micros }) => {
      const units = BigInt(micros) * (nano ? 1000n : 1n);
      return block(6, Buffer.concat([u32(0, Number(units >> 32n), Number(units & 0xffffffffn), frame.length, frame.length), frame]));
    }),
  ]);
}
