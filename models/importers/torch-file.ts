import { ModelError } from "../errors.js";
import { elements, type Tensor } from "../graph/graph.js";
import { type Built, type Pickled, type PickleRules, readPickle } from "./pickle.js";
import { readStoredZip } from "./stored-zip.js";

/** All that a state_dict is made of. */
const RULES: PickleRules = {
  constructors: { "collections.OrderedDict": "dict", "torch._utils._rebuild_tensor_v2": "built", "torch._utils._rebuild_parameter": "first" },
  names: new Set(["torch.FloatStorage", "torch.DoubleStorage", "torch.LongStorage", "torch.IntStorage"]),
};

type Read = (view: DataView, at: number) => number;
const STORAGES: Readonly<Record<string, { readonly bytes: number; readonly read: Read }>> = {
  "torch.FloatStorage": { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  "torch.DoubleStorage": { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  "torch.IntStorage": { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  "torch.LongStorage": { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
};
const MAX_ELEMENTS = 1 << 26;
const MAX_RANK = 8;

/**
 * The tensors of a state_dict, by name, from the file that PyTorch 1.6 and later write: a zip with a pickle that says what there is, and the
 * numbers beside it. Nothing in the file is run.
 * @throws ModelError NETWORK_CORRUPT, NETWORK_UNSUPPORTED
 */
export function readTorchFile(bytes: Uint8Array): Map<string, Tensor> {
  const entries = readStoredZip(bytes);
  const listed = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (listed === undefined) throw corrupt("holds no data.pkl: it is no file of torch.save");
  const folder = listed.slice(0, -"data.pkl".length);
  const state = readPickle(entries.get(listed)!, RULES);
  if (!(state instanceof Map)) throw corrupt("is no dict of tensors");
  const tensors = new Map<string, Tensor>();
  for (const [name, value] of state) {
    if (typeof name !== "string" || !isBuilt(value)) continue;
    tensors.set(name, tensorOf(name, value, (key) => entries.get(`${folder}data/${key}`)));
  }
  if (tensors.size === 0) throw corrupt("holds no tensors by name");
  return tensors;
}

/** _rebuild_tensor_v2(("storage", type, key, device, count), offset, size, stride, …). */
function tensorOf(name: string, { args }: Built, data: (key: string) => Uint8Array | undefined): Tensor {
  const [stored, offset, size, stride] = args;
  const [kind, type, key] = isBuilt(stored) && Array.isArray(stored.args[0]) ? (stored.args[0] as readonly Pickled[]) : [];
  if (kind !== "storage" || typeof type !== "string" || typeof key !== "string") throw corrupt(`has no storage for ${name}`);
  const storage = Object.hasOwn(STORAGES, type) ? STORAGES[type] : undefined;
  if (storage === undefined) throw new ModelError("NETWORK_UNSUPPORTED", `${name} is a ${type}`, "save it as float32");
  if (!isSizes(size) || !isSizes(stride) || size.length !== stride.length || typeof offset !== "number") throw corrupt(`has no shape for ${name}`);
  const count = elements(size);
  if (count > MAX_ELEMENTS) throw corrupt(`claims ${count} numbers for ${name}`);
  const bytes = data(key);
  const last = offset + size.reduce((sum, n, i) => sum + (n - 1) * stride[i]!, 0);
  if (bytes === undefined || (count > 0 && (!Number.isInteger(offset) || offset < 0 || (last + 1) * storage.bytes > bytes.length)))
    throw corrupt(`has too few numbers for ${name}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let rest = i;
    let at = offset;
    for (let axis = size.length - 1; axis >= 0; axis--) {
      at += (rest % size[axis]!) * stride[axis]!;
      rest = Math.floor(rest / size[axis]!);
    }
    numbers[i] = storage.read(view, at * storage.bytes);
  }
  return { shape: size, data: numbers };
}

function isBuilt(value: Pickled | undefined): value is Built {
  return typeof value === "object" && value !== null && "of" in value;
}

function isSizes(value: Pickled | undefined): value is readonly number[] {
  return Array.isArray(value) && value.length <= MAX_RANK && value.every((n) => typeof n === "number" && Number.isInteger(n) && n >= 0);
}

function corrupt(what: string): ModelError {
  return new ModelError("NETWORK_CORRUPT", `the PyTorch file ${what}`, "save the network with torch.save(net.state_dict(), file)");
}
