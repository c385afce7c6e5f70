import { File, FS, type Group, ready } from "h5wasm";

/** A parameter of a node: a scalar, whole numbers, floats with a shape, or a word. */
export type Field = number | string | { readonly shape: readonly number[]; readonly data: ArrayLike<number> } | readonly number[];
export interface NodeSpec {
  readonly type: string;
  readonly [field: string]: Field | GraphSpec | undefined;
}
export interface GraphSpec {
  readonly nodes: Readonly<Record<string, NodeSpec | NestedSpec>>;
  readonly edges: readonly (readonly [from: string, to: string])[];
}
export interface NestedSpec {
  readonly type: "NIRGraph";
  readonly graph: GraphSpec;
}

export interface FileOptions {
  readonly gzip?: boolean;
  readonly latest?: boolean;
  /** Values as f32, as most files have them; default f64. */
  readonly single?: boolean;
}

let files = 0;

/** The bytes of a NIR file, as the nir package writes it. */
export async function nirFile(graph: GraphSpec, options: FileOptions = {}): Promise<Uint8Array> {
  await ready;
  const path = `/written-${++files}.nir`;
  const file = new File(path, "w", options.latest ? { libver: "latest" } : {});
  file.create_dataset({ name: "version", data: "1.0.7" });
  writeGraph(file.create_group("node"), graph, options);
  file.close();
  const bytes = FS!.readFile(path) as Uint8Array;
  FS!.unlink(path);
  return bytes.slice();
}

function writeGraph(group: Group, { nodes, edges }: GraphSpec, options: FileOptions): void {
  group.create_dataset({ name: "type", data: "NIRGraph" });
  if (edges.length > 0) group.create_dataset({ name: "edges", data: edges.flat(), shape: [edges.length, 2] });
  const table = group.create_group("nodes");
  for (const [name, node] of Object.entries(nodes)) {
    const child = table.create_group(name);
    if (isNested(node)) {
      writeGraph(child, node.graph, options);
      continue;
    }
    for (const [field, value] of Object.entries(node)) writeField(child, field, value as Field, options);
  }
}

function isNested(node: NodeSpec | NestedSpec): node is NestedSpec {
  return node.type === "NIRGraph";
}

function writeField(group: Group, name: string, value: Field, { gzip, single }: FileOptions): void {
  const floats = (data: ArrayLike<number>): Float32Array | Float64Array => (single ? Float32Array.from(data) : Float64Array.from(data));
  if (typeof value === "string") group.create_dataset({ name, data: value });
  else if (typeof value === "number") group.create_dataset({ name, data: floats([value]), shape: [] });
  else if (isWhole(value)) group.create_dataset({ name, data: BigInt64Array.from(value, BigInt), shape: [value.length] });
  else {
    const shape = [...value.shape];
    const packed = gzip && shape.length > 0 ? { chunks: shape, compression: "gzip" as const } : {};
    group.create_dataset({ name, data: floats(value.data), shape, ...packed });
  }
}

function isWhole(value: Field): value is readonly number[] {
  return Array.isArray(value);
}

/** Numbers that are the same on every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Weights that int8 holds exactly: whole multiples of scale / 127.
 * @param steps  the greatest multiple, which one weight of each row takes
 */
export function exactWeights(
  shape: readonly number[],
  random: () => number,
  scale = 1,
  steps = 127,
): { shape: readonly number[]; data: Float64Array } {
  const [rows, ...rest] = shape as [number, ...number[]];
  const inner = rest.reduce((a, b) => a * b, 1);
  const data = new Float64Array(rows * inner);
  for (let o = 0; o < rows; o++) {
    for (let i = 0; i < inner; i++) data[o * inner + i] = (Math.round((random() * 2 - 0.6) * 0.7 * steps) / 127) * scale;
    data[o * inner + Math.floor(random() * inner)] = (steps / 127) * scale;
  }
  return { shape, data };
}
