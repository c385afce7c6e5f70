import type { Columns } from "./collect.js";

/** eDVS event formats, written from the user guide apart from the decoder: by format, the bytes of each event. */
export function edvsEvents(format: 0 | 1 | 2 | 3 | 4, { t, x, y, p }: Columns): Buffer[] {
  return t.map((time, i) => {
    const address = [0x80 | y[i]!, (p[i]! << 7) | x[i]!];
    if (format === 0) return Buffer.from(address);
    if (format === 1) {
      const step = time - (i === 0 ? 0 : t[i - 1]!), groups: number[] = [];
      for (let rest = step; rest > 0 || groups.length === 0; rest = Math.floor(rest / 128)) groups.unshift(rest % 128);
      groups[groups.length - 1]! |= 0x80;
      return Buffer.from([...address, ...groups]);
    }
    const bytes = Array.from({ length: format }, (_, k) => Math.floor(time / 256 ** (format - 1 - k)) % 256);
    return Buffer.from([...address, ...bytes]);
  });
}

const EVENTS_A_PACKET = 100;

/** "EVR1" packets of EVT 2.0 words. */
export function evr1Packets({ t, x, y, p }: Columns): Buffer[] {
  const packets: Buffer[] = [];
  for (let from = 0; from < t.length; from += EVENTS_A_PACKET) {
    const words: number[] = [];
    let high = -1;
    for (let i = from; i < Math.min(t.length, from + EVENTS_A_PACKET); i++) {
      const time = Math.floor(t[i]! / 64);
      if (time !== high) words.push(0x80000000 + time);
      high = time;
      words.push(((p[i]! << 28) | ((t[i]! % 64) << 22) | (x[i]! << 11) | y[i]!) >>> 0);
    }
    const head = Buffer.from("EVR1\0\0\0\0\0\0\0\0");
    head.writeUInt32LE(packets.length, 4);
    head.writeUInt32LE(4 * words.length, 8);
    packets.push(Buffer.concat([head, Buffer.from(Uint32Array.from(words).buffer)]));
  }
  return packets;
}

/** Windows of 8-byte records after a head of 20 bytes; a window without events now and then. */
export function evtstreamPackets({ t, x, y, p }: Columns): Buffer[] {
  const packets: Buffer[] = [];
  const window = (start: number, from: number, to: number): void => {
    const packet = Buffer.alloc(20 + 8 * (to - from));
    packet.writeUInt32LE(0xe7e7e7e7, 0);
    packet.writeUInt32LE(start % 2 ** 32, 4);
    packet.writeUInt16LE(1000, 8);
    packet.writeUInt16LE(to - from, 10);
    packet.writeUInt32LE(packets.length, 16);
    for (let i = from, at = 20; i < to; i++, at += 8) {
      packet.writeUInt16LE(t[i]! - start, at);
      packet.writeUInt16LE(x[i]!, at + 2);
      packet.writeUInt16LE(y[i]!, at + 4);
      packet.writeUInt8(p[i]!, at + 6);
    }
    packets.push(packet);
  };
  for (let from = 0, to = 0; from < t.length; from = to) {
    while (to < t.length && to - from < EVENTS_A_PACKET && t[to]! - t[from]! < 60_000) to++;
    window(t[from]!, from, to);
    if (packets.length % 5 === 0) window(t[to - 1]!, to, to);
  }
  return packets;
}
