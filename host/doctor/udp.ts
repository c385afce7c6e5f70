import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import type { UdpInput } from "../config/config.js";
import { codeOf, fail, type Finding, ok, type Roots, warn } from "./finding.js";

/** A quarter of a second of the busiest LiDAR. */
const WANTED_BYTES = 4 << 20;

/** Whether the port is free, the group can be joined, and the kernel may keep enough of what comes while we are busy. */
export async function checkUdp(source: string, input: UdpInput, roots: Roots): Promise<Finding[]> {
  const check = `source ${source}`;
  const socket = createSocket(isIP(input.address) === 6 ? "udp6" : "udp4");
  try {
    await bound(socket, input);
    if (input.group !== undefined) socket.addMembership(input.group);
    return [ok(check, `UDP port ${input.port} of ${input.address} is free`), ...(await checkBuffer(check, roots))];
  } catch (error) {
    return [refused(check, input, codeOf(error))];
  } finally {
    await new Promise<void>((resolve) => socket.close(resolve));
  }
}

async function bound(socket: Socket, { address, port }: UdpInput): Promise<void> {
  const listening = once(socket, "listening");
  socket.bind({ address, port, exclusive: true });
  await listening;
}

function refused(check: string, { address, port, group }: UdpInput, code: string): Finding {
  switch (code) {
    case "EADDRINUSE":
      return fail(check, `another program listens on UDP port ${port}`, `stop it, unless it is this gateway itself: sudo ss -ulpn sport = :${port}`);
    case "EADDRNOTAVAIL":
      return fail(check, `this machine has no address ${address}`, "compare with: ip address; 0.0.0.0 listens on all of them");
    case "EACCES":
      return fail(check, `UDP port ${port} is not for this user`, "use a port from 1024 on");
    default:
      return fail(check, `UDP port ${port} of ${address}${group === undefined ? "" : `, group ${group}`}: ${code}`, "check address and group");
  }
}

async function checkBuffer(check: string, { proc }: Roots): Promise<Finding[]> {
  const most = Number(await readFile(join(proc, "sys", "net", "core", "rmem_max"), "utf8").catch(() => "NaN"));
  if (Number.isNaN(most)) return [ok(check, "how much the kernel may keep for it is unknown here")];
  const kib = `${Math.round(most / 1024).toLocaleString("en-US")} KiB`;
  if (most >= WANTED_BYTES) return [ok(check, `the kernel may keep ${kib} for it`)];
  const remedy = `run: echo net.core.rmem_max=${WANTED_BYTES} | sudo tee /etc/sysctl.d/60-saccade.conf && sudo sysctl --system`;
  return [warn(check, `the kernel may keep no more than ${kib} for it: a pause loses datagrams uncounted`, remedy)];
}
