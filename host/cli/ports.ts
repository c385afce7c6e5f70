import type { Command } from "commander";
import { listPorts, type PortInfo } from "../sources/ports.js";
import { table } from "./text.js";

/** `saccade ports`: the serial ports that devices stand behind, by every name that a configuration may use. */
export function addPorts(program: Command): void {
  program
    .command("ports")
    .description("list the serial ports of this machine, by the names that a configuration may use")
    .option("--json", "print one JSON object")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const ports = await listPorts();
      process.stdout.write(json ? `${JSON.stringify({ ports: ports.map(contractOf) })}\n` : textOf(ports));
    });
}

/** The contract of `saccade ports --json`. */
function contractOf({ path, id, usb }: PortInfo): object {
  return {
    path,
    id: id ?? null,
    usb: usb === undefined ? null : {
      name: usbName(usb), vendor_id: usb.vendorId, product_id: usb.productId, serial: usb.serial ?? null,
      manufacturer: usb.manufacturer ?? null, product: usb.product ?? null,
    },
  };
}

function usbName({ vendorId, productId }: { readonly vendorId: string; readonly productId: string }): string {
  return `usb:${vendorId}:${productId}`;
}

function textOf(ports: readonly PortInfo[]): string {
  if (ports.length === 0) return "no serial ports: nothing is plugged in, or this user may not see it\n";
  const rows = ports.map(({ path, id, usb }) =>
    [path, usb === undefined ? "" : usbName(usb), usb?.serial ?? "", [usb?.manufacturer, usb?.product].filter(Boolean).join(" "), id ?? ""]);
  return table([["path", "usb", "serial", "device", "id"], ...rows]);
}
