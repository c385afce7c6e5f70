import { ModelError } from "../errors.js";
import { corrupt, type Edge, type FloatGraph, type FloatNode, type Note } from "../graph/graph.js";
import type { H5Group } from "./hdf5-tree.js";
import { Fields, readNode } from "./nir-nodes.js";
import { repairEdges } from "./nir-repair.js";

/** Of a node, with the names of the subgraphs around it. */
const MAX_NAME = 150;

export interface NirNetwork {
  readonly graph: FloatGraph;
  /** Of the nir package that wrote the file, when it says so. */
  readonly version: string | undefined;
  readonly notes: readonly Note[];
}

export function isNir(tree: H5Group): boolean {
  return graphGroup(tree) !== undefined;
}

/**
 * A NIR file's graph, subgraphs still nested. Edges are a set: doubles are dropped, and names that older exporters wrote wrongly are
 * put right where only one reading is possible; each is a note.
 *
 * @throws ModelError NETWORK_CORRUPT, NETWORK_UNSUPPORTED
 */
export function readNir(tree: H5Group): NirNetwork {
  const group = graphGroup(tree);
  if (group === undefined) throw new ModelError("NETWORK_CORRUPT", "the file holds no NIR graph", "export it with nir.write");
  const notes: Note[] = [];
  const version = tree.children.get("version");
  return {
    graph: graphOf("", group, notes),
    version: version?.kind === "data" && !(version.values instanceof Float64Array) ? version.values[0] : undefined,
    notes,
  };
}

/** `/node`, or the root itself. */
function graphGroup(tree: H5Group): H5Group | undefined {
  return [tree.children.get("node"), tree].find((node): node is H5Group => node?.kind === "group" && node.children.has("nodes"));
}

function graphOf(prefix: string, group: H5Group, notes: Note[]): FloatGraph {
  const table = group.children.get("nodes");
  if (table?.kind !== "group") throw corrupt(prefix || "(graph)", "has no nodes");
  const nodes = new Map<string, FloatNode>();
  for (const [name, child] of table.children) {
    const path = prefix + name;
    if (path.length > MAX_NAME) throw corrupt(path.slice(0, 40), `a name of more than ${MAX_NAME} characters`);
    if (child.kind !== "group") throw corrupt(path, "is not a group");
    const type = new Fields(path, child).word("type");
    nodes.set(name, type === "NIRGraph" ? { type, graph: graphOf(`${path}.`, child, notes) } : readNode(path, type, child));
  }
  if (nodes.size === 0) throw corrupt(prefix || "(graph)", "has no nodes");
  return repairEdges(prefix, { nodes, edges: edgesOf(prefix, group) }, notes);
}

function edgesOf(prefix: string, group: H5Group): Edge[] {
  const found = group.children.get("edges");
  const owner = prefix || "(graph)";
  if (found?.kind !== "data") throw corrupt(owner, "has no edges");
  if (found.values.length === 0) return [];
  if (found.values instanceof Float64Array || found.shape.length !== 2 || found.shape[1] !== 2)
    throw corrupt(owner, "edges are not pairs of names");
  const names = found.values;
  if (names.some((name) => name.length > MAX_NAME)) throw corrupt(owner, `an edge names a node by more than ${MAX_NAME} characters`);
  return Array.from({ length: found.shape[0]! }, (_, i) => ({ from: names[2 * i]!, to: names[2 * i + 1]! }));
}
