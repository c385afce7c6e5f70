import { SaccadeError } from "../../errors.js";

type Numbers = Float32Array | Uint32Array | Uint16Array | Uint8Array | Int16Array | Int8Array;

/** The parts of a glTF that a rigged body needs. Source: glTF 2.0, Khronos. */
interface Gltf {
  readonly accessors: readonly GltfAccessor[];
  readonly bufferViews: readonly { readonly byteOffset?: number; readonly byteLength: number; readonly byteStride?: number }[];
  readonly nodes: readonly GltfNode[];
  readonly meshes: readonly { readonly primitives: readonly GltfPrimitive[] }[];
  readonly skins: readonly { readonly joints: readonly number[]; readonly inverseBindMatrices: number }[];
  readonly animations?: readonly GltfAnimation[];
}
interface GltfPrimitive {
  readonly attributes: Readonly<Record<string, number>>;
  readonly indices: number;
}
interface GltfAccessor {
  readonly bufferView: number;
  readonly byteOffset?: number;
  readonly componentType: number;
  readonly count: number;
  readonly type: string;
}
export interface GltfNode {
  readonly children?: readonly number[];
  readonly mesh?: number;
  readonly skin?: number;
  readonly translation?: readonly number[];
  readonly rotation?: readonly number[];
  readonly scale?: readonly number[];
}
export interface GltfAnimation {
  readonly name?: string;
  readonly channels: readonly { readonly sampler: number; readonly target: { readonly node?: number; readonly path: string } }[];
  readonly samplers: readonly { readonly input: number; readonly output: number; readonly interpolation?: string }[];
}

export interface Glb {
  readonly gltf: Gltf;
  /** The numbers of an accessor, one item behind the other. */
  read(accessor: number): { readonly numbers: Numbers; readonly width: number };
  fail(what: string, cause?: unknown): SaccadeError;
}

const MAGIC = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;
const BINARY_CHUNK = 0x004e4942;
const WIDTHS: Readonly<Record<string, number>> = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4, MAT4: 16 };
const TYPES: Readonly<Record<number, { readonly BYTES_PER_ELEMENT: number; new (length: number): Numbers }>> = {
  5120: Int8Array, 5121: Uint8Array, 5122: Int16Array, 5123: Uint16Array, 5125: Uint32Array, 5126: Float32Array,
};
const MAX_NUMBERS = 1 << 26;

/**
 * Opens a binary glTF: a JSON that says what there is, and its numbers.
 * @param name what to call it in errors
 * @throws SaccadeError RECORDING_CORRUPT
 */
export function readGlb(file: Uint8Array, name: string): Glb {
  const fail = (what: string, cause?: unknown): SaccadeError =>
    new SaccadeError("RECORDING_CORRUPT", `${name} ${what}`, "export the body again as glTF 2.0 binary (.glb), with its skin", { cause });
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (file.length < 20 || view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== 2) throw fail("is no glTF 2.0 binary");
  const chunks = new Map<number, Uint8Array>();
  for (let at = 12; at + 8 <= file.length;) {
    const length = view.getUint32(at, true);
    if (length > file.length - at - 8) throw fail("ends within a chunk");
    chunks.set(view.getUint32(at + 4, true), file.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  const [json, binary] = [chunks.get(JSON_CHUNK), chunks.get(BINARY_CHUNK)];
  if (json === undefined || binary === undefined) throw fail("lacks its JSON or its numbers");
  let gltf: Gltf;
  try {
    gltf = JSON.parse(new TextDecoder().decode(json)) as Gltf;
  } catch (cause) {
    throw fail("holds no JSON", cause);
  }
  if (typeof gltf !== "object" || gltf === null) throw fail("holds no JSON of a glTF");
  for (const part of ["accessors", "bufferViews", "nodes", "meshes", "skins"] as const)
    if (!Array.isArray(gltf[part]) || gltf[part].length === 0) throw fail(`has no ${part}: it is no rigged body`);
  return { gltf, fail, read: (accessor) => readAccessor(gltf, binary, accessor, fail) };
}

function readAccessor({ accessors, bufferViews }: Gltf, binary: Uint8Array, index: number, fail: Glb["fail"]): ReturnType<Glb["read"]> {
  const accessor = accessors[index];
  const part = bufferViews[accessor?.bufferView ?? -1];
  const width = WIDTHS[accessor?.type ?? ""];
  const Type = TYPES[accessor?.componentType ?? 0];
  if (accessor === undefined || part === undefined || width === undefined || Type === undefined)
    throw fail(`has no accessor ${index} that can be read`);
  const item = width * Type.BYTES_PER_ELEMENT;
  const stride = part.byteStride ?? item;
  const from = (part.byteOffset ?? 0) + (accessor.byteOffset ?? 0);
  const { count } = accessor;
  const fits = from >= 0 && stride >= item && from + (count - 1) * stride + item <= binary.length;
  if (!(Number.isInteger(count) && count > 0 && count * width <= MAX_NUMBERS && fits))
    throw fail(`has an accessor ${index} beyond its numbers`);
  const numbers = new Type(count * width);
  const bytes = new Uint8Array(numbers.buffer);
  for (let i = 0; i < count; i++) bytes.set(binary.subarray(from + i * stride, from + i * stride + item), i * item);
  return { numbers, width };
}
