import { readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";

/**
 * Datagrams that Linux has dropped, since it was opened, of the socket that listens on an address and port, because its buffer was full.
 * @returns undefined where the system does not tell, or no such socket is open
 * Source: proc(5), /proc/net/udp; the last column is drops.
 */
export async function kernelDrops(address: string, port: number, folder = "/proc/net"): Promise<number | undefined> {
  const four = isIPv4(address);
  const table = await readFile(`${folder}/${four ? "udp" : "udp6"}`, "latin1").catch(() => undefined);
  if (table === undefined) return undefined;
  const local = `${hexAddress(address)}:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const row = table.split("\n").map((line) => line.trim().split(/\s+/)).find((columns) => columns[1] === local);
  const drops = Number(row?.at(-1));
  return Number.isSafeInteger(drops) ? drops : undefined;
}

/** As the kernel prints it: words of 32 bits, each as a little-endian machine has the network's bytes. */
function hexAddress(address: string): string {
  const bytes = isIPv4(address) ? address.split(".").map(Number) : ipv6Bytes(address);
  return Array.from({ length: bytes.length / 4 }, (_, word) => bytes.slice(4 * word, 4 * word + 4).reverse().map(hexByte).join("")).join("");
}

function hexByte(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, "0");
}

/** The 16 bytes of an address that is known to be one; `::` stands for as many zeros as it takes. */
function ipv6Bytes(address: string): number[] {
  const groups = (text: string): number[] => (text === "" ? [] : text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = parseInt(group, 16);
    return [value >> 8, value & 255];
  }));
  const [front = "", back] = address.replace(/%.*/, "").split("::");
  const first = groups(front), last = groups(back ?? "");
  return [...first, ...new Array<number>(16 - first.length - last.length).fill(0), ...last];
}
