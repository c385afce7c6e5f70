import { parentPort } from "node:worker_threads";
import type { Dataset, Group } from "h5wasm";
import { MAX_H5_DEPTH, MAX_H5_OBJECTS, MAX_H5_VALUES, type H5Group, type H5Node, type H5Reply, type H5Request } from "./hdf5-tree.js";

/** The library binds the console when it loads and prints its complaints; its error message says the same. */
console.log = console.warn = console.error = () => undefined;
const h5 = await import("h5wasm");
await h5.ready;

/** H5T_class_t values that become numbers or strings. */
const NUMBERS: ReadonlySet<number> = new Set([0, 1]);
const STRINGS = 3;
const IN_MEMORY = "/network.h5";

/** Walks a file once; the counters bound the whole walk, whatever the file claims. */
class Walk {
  private objects = 0;
  private values = 0;

  group(group: Group, depth: number): H5Group {
    if (depth > MAX_H5_DEPTH) throw new Error(`groups nest deeper than ${MAX_H5_DEPTH}`);
    const children = new Map<string, H5Node>();
    for (const name of group.keys()) {
      if (++this.objects > MAX_H5_OBJECTS) throw new Error(`more than ${MAX_H5_OBJECTS} objects`);
      children.set(name, this.node(group.get(name), depth + 1));
    }
    return { kind: "group", children };
  }

  private node(entity: ReturnType<Group["get"]>, depth: number): H5Node {
    if (entity instanceof h5.Dataset) return this.data(entity);
    if (entity instanceof h5.Group) return this.group(entity, depth);
    return { kind: "other", what: entity?.constructor.name ?? "nothing" };
  }

  private data(dataset: Dataset): H5Node {
    const { metadata } = dataset;
    if (metadata.shape === null) return { kind: "other", what: "an empty dataspace" };
    if (metadata.virtual_sources !== undefined && metadata.virtual_sources.length > 0) return { kind: "other", what: "a virtual array" };
    this.values += metadata.total_size;
    if (!(this.values <= MAX_H5_VALUES)) throw new Error(`arrays of more than ${MAX_H5_VALUES} values`);
    if (metadata.total_size === 0) return { kind: "data", shape: metadata.shape, values: new Float64Array(0) };
    if (metadata.type === STRINGS) return { kind: "data", shape: metadata.shape, values: strings(dataset.value) };
    if (NUMBERS.has(metadata.type)) return { kind: "data", shape: metadata.shape, values: numbers(dataset.value) };
    return { kind: "other", what: "an array that holds neither numbers nor strings" };
  }
}

function strings(value: unknown): string[] {
  const all = Array.isArray(value) ? value : [value];
  return all.map((one) => {
    if (typeof one !== "string") throw new Error("a string could not be read");
    return one;
  });
}

function numbers(value: unknown): Float64Array {
  if (typeof value === "number" || typeof value === "bigint") return Float64Array.of(Number(value));
  if (!ArrayBuffer.isView(value) || value instanceof DataView) throw new Error("numbers could not be read");
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return Float64Array.from(value as BigInt64Array, Number);
  return new Float64Array(value as unknown as ArrayLike<number>);
}

/** The file lives in the library's own memory: it reaches no other file, whatever links it holds. */
function read(bytes: Uint8Array): H5Group {
  const files = h5.FS!;
  files.writeFile(IN_MEMORY, bytes);
  try {
    const file = new h5.File(IN_MEMORY, "r");
    try {
      return new Walk().group(file, 0);
    } finally {
      file.close();
    }
  } finally {
    files.unlink(IN_MEMORY);
  }
}

parentPort!.on("message", ({ id, bytes }: H5Request) => {
  const reply = answer(id, bytes);
  parentPort!.postMessage(reply, "tree" in reply ? buffersOf(reply.tree) : []);
});

/** What is handed over instead of copied. */
function buffersOf(group: H5Group): ArrayBuffer[] {
  return [...group.children.values()].flatMap((node) => {
    if (node.kind === "group") return buffersOf(node);
    return node.kind === "data" && node.values instanceof Float64Array ? [node.values.buffer as ArrayBuffer] : [];
  });
}

function answer(id: number, bytes: Uint8Array): H5Reply {
  try {
    return { id, tree: read(bytes) };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    return { id, error, poisoned: !(thrown instanceof Error) || thrown.name === "RuntimeError" };
  }
}
