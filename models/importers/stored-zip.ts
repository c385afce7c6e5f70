import { ModelError } from "../errors.js";

const LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50;
const LOCAL_BYTES = 30, CENTRAL_BYTES = 46, END_BYTES = 22, MAX_COMMENT_BYTES = 65535;
const MAX_ENTRIES = 65535;

/** Whether a file begins as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/**
 * The entries of a zip archive that packs nothing, which is how PyTorch writes them: views of the file, by name.
 * @throws ModelError NETWORK_CORRUPT, NETWORK_UNSUPPORTED
 */
export function readStoredZip(file: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const { count, from } = directory(view);
  const entries = new Map<string, Uint8Array>();
  let at = from;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > file.length || view.getUint32(at, true) !== CENTRAL) throw corrupt("has a broken directory");
    const method = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 20, true);
    const nameBytes = view.getUint16(at + 28, true);
    const next = at + CENTRAL_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > file.length) throw corrupt("has a broken directory");
    const name = new TextDecoder().decode(file.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes));
    if (method !== 0) throw new ModelError("NETWORK_UNSUPPORTED", `the archive packs ${name}`, "save the network again with torch.save");
    const local = view.getUint32(at + 42, true);
    if (local + LOCAL_BYTES > file.length || view.getUint32(local, true) !== LOCAL) throw corrupt(`has no entry ${name}`);
    const dataAt = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (dataAt + size > file.length) throw corrupt(`ends within ${name}`);
    entries.set(name, file.subarray(dataAt, dataAt + size));
    at = next;
  }
  return entries;
}

function directory(view: DataView): { count: number; from: number } {
  for (let at = view.byteLength - END_BYTES; at >= Math.max(0, view.byteLength - END_BYTES - MAX_COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) !== END) continue;
    const count = view.getUint16(at + 10, true);
    if (count === MAX_ENTRIES) throw new ModelError("NETWORK_UNSUPPORTED", "the archive is a zip64", "save fewer than 65535 tensors");
    return { count, from: view.getUint32(at + 16, true) };
  }
  throw corrupt("has no directory");
}

function corrupt(what: string): ModelError {
  return new ModelError("NETWORK_CORRUPT", `the zip archive ${what}`, "copy the file again");
}
