import { SaccadeError } from "../../errors.js";
import type { Glb, GltfAnimation } from "./glb.js";
import { type Matrix, placement, product } from "./matrix.js";

/** A body of triangles that a skeleton moves. */
export interface Rig {
  readonly vertices: number;
  /** f32[vertices, 3], at rest, metres: x to the person's left, y up, z ahead. */
  readonly rest: Float32Array;
  /** u32[triangles, 3] */
  readonly faces: Uint32Array;
  /** Names of its clips, with how long each lasts, s. */
  readonly clips: ReadonlyMap<string, number>;
  /** Where the vertices are at a moment of a clip, f32[vertices, 3]. @param seconds  0..its duration; beyond it as at its end */
  pose(clip: string, seconds: number, out: Float32Array): void;
}

interface Track {
  readonly node: number;
  readonly path: "translation" | "rotation" | "scale";
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly width: number;
  readonly form: "LINEAR" | "STEP" | "CUBICSPLINE";
}

const MAX_DEPTH = 256;
const MAX_CLIP_SECONDS = 3600;
const REST = { translation: [0, 0, 0], rotation: [0, 0, 0, 1], scale: [1, 1, 1] } as const;

/** The body of a glTF. @throws SaccadeError RECORDING_CORRUPT */
export function readRig(glb: Glb): Rig {
  try {
    return rigOf(glb);
  } catch (cause) {
    // What the JSON calls a list may be anything.
    throw cause instanceof SaccadeError ? cause : glb.fail("is not as glTF 2.0 says", cause);
  }
}

function rigOf(glb: Glb): Rig {
  const skins = bonesOf(glb), bones = skins.flat();
  const { rest, joints, weights, faces } = gather(glb, skins);
  const order = parentsFirst(glb);
  const clips = clipsOf(glb);
  const vertices = rest.length / 3;
  const rig: Rig = {
    vertices, rest, faces,
    clips: new Map([...clips].map(([name, tracks]) => [name, Math.max(0, ...tracks.map(({ times }) => times[times.length - 1]!))])),
    pose(clip, seconds, out) {
      const world = worldMatrices(glb, order, clips.get(clip) ?? [], seconds);
      const moved = bones.map(({ node, inverse }) => product(world[node]!, inverse));
      for (let v = 0; v < vertices; v++) {
        const [x, y, z] = [rest[3 * v]!, rest[3 * v + 1]!, rest[3 * v + 2]!];
        let [px, py, pz] = [0, 0, 0];
        for (let k = 4 * v; k < 4 * v + 4; k++) {
          const weight = weights[k]!;
          if (weight === 0) continue;
          const m = moved[joints[k]!]!;
          px += weight * (m[0]! * x + m[4]! * y + m[8]! * z + m[12]!);
          py += weight * (m[1]! * x + m[5]! * y + m[9]! * z + m[13]!);
          pz += weight * (m[2]! * x + m[6]! * y + m[10]! * z + m[14]!);
        }
        out[3 * v] = px;
        out[3 * v + 1] = py;
        out[3 * v + 2] = pz;
      }
    },
  };
  // What cannot be posed fails here, and not in the middle of a recording.
  const out = new Float32Array(3 * vertices);
  for (const clip of clips.keys()) {
    rig.pose(clip, 0, out);
    if (!out.every(Number.isFinite)) throw glb.fail("has a body that is nowhere");
  }
  return rig;
}

interface Bone {
  readonly node: number;
  /** From the body at rest to the bone. */
  readonly inverse: Matrix;
}

/** The bones of each skin. */
function bonesOf(glb: Glb): Bone[][] {
  return glb.gltf.skins.map((skin) => {
    const inverse = glb.read(skin.inverseBindMatrices);
    if (!skin.joints.every((node) => glb.gltf.nodes[node] !== undefined)) throw glb.fail("has a bone that is no node");
    if (inverse.width !== 16 || inverse.numbers.length !== 16 * skin.joints.length) throw glb.fail("has a skin without its matrices");
    return skin.joints.map((node, j) => ({ node, inverse: Float64Array.from(inverse.numbers.subarray(16 * j, 16 * j + 16)) }));
  });
}

/** Clips by name: glTF asks for no names, and lets several have the same one. */
function clipsOf(glb: Glb): Map<string, readonly Track[]> {
  const clips = new Map<string, readonly Track[]>();
  for (const [i, animation] of (glb.gltf.animations ?? []).entries()) {
    const name = String(animation.name ?? "animation");
    clips.set(clips.has(name) || animation.name === undefined ? `${name}_${i}` : name, tracksOf(glb, animation));
  }
  return clips;
}

/** All skinned primitives as one; joints are places in the bones of all skins, one after the other. */
function gather(glb: Glb, skins: readonly (readonly Bone[])[]): { rest: Float32Array; joints: Uint16Array; weights: Float32Array; faces: Uint32Array } {
  const [rest, joints, weights, faces]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (const node of glb.gltf.nodes) {
    if (node.mesh === undefined || node.skin === undefined) continue;
    const own = skins[node.skin];
    if (own === undefined) throw glb.fail("has a body whose skin is not there");
    const first = skins.slice(0, node.skin).reduce((sum, { length }) => sum + length, 0);
    for (const { attributes, indices } of glb.gltf.meshes[node.mesh]?.primitives ?? []) {
      const place = glb.read(attributes["POSITION"] ?? -1);
      const bones = glb.read(attributes["JOINTS_0"] ?? -1);
      const shares = glb.read(attributes["WEIGHTS_0"] ?? -1);
      const count = place.numbers.length / 3;
      if (place.width !== 3 || bones.numbers.length !== 4 * count || shares.numbers.length !== 4 * count)
        throw glb.fail("has vertices without bones");
      const from = rest.length / 3;
      for (const value of place.numbers) rest.push(value);
      for (let v = 0; v < count; v++) {
        let sum = 0;
        for (let k = 4 * v; k < 4 * v + 4; k++) sum += shares.numbers[k]!;
        for (let k = 4 * v; k < 4 * v + 4; k++) {
          if (bones.numbers[k]! >= own.length) throw glb.fail("names a bone that its skin has not");
          joints.push(first + bones.numbers[k]!);
          weights.push(shares.numbers[k]! / (sum || 1));
        }
      }
      for (const index of glb.read(indices).numbers) {
        if (index >= count) throw glb.fail("has a triangle without its vertices");
        faces.push(from + index);
      }
    }
  }
  if (rest.length === 0 || faces.length % 3 !== 0) throw glb.fail("shows no body with bones");
  return { rest: Float32Array.from(rest), joints: Uint16Array.from(joints), weights: Float32Array.from(weights), faces: Uint32Array.from(faces) };
}

function parentsFirst(glb: Glb): ParentsFirst {
  const { nodes } = glb.gltf;
  const children = new Set(nodes.flatMap((node) => node.children ?? []));
  const order: [number, number][] = [];
  const visit = (node: number, parent: number, depth: number): void => {
    if (nodes[node] === undefined || depth > MAX_DEPTH || order.length > nodes.length) throw glb.fail("has no tree of nodes");
    order.push([node, parent]);
    for (const child of nodes[node].children ?? []) visit(child, node, depth + 1);
  };
  nodes.forEach((_, node) => {
    if (!children.has(node)) visit(node, -1, 0);
  });
  if (order.length !== nodes.length) throw glb.fail("has no tree of nodes");
  return order;
}

function tracksOf(glb: Glb, { channels, samplers }: GltfAnimation): Track[] {
  return channels.flatMap(({ sampler, target: { node, path } }): Track[] => {
    const { input, output, interpolation = "LINEAR" } = samplers[sampler] ?? {};
    if (node === undefined || !(path in REST)) return [];
    const times = glb.read(input ?? -1).numbers;
    const { numbers: values, width } = glb.read(output ?? -1);
    const form = interpolation as Track["form"];
    const each = form === "CUBICSPLINE" ? 3 : 1;
    if (width !== (path === "rotation" ? 4 : 3) || values.length !== times.length * width * each || !(values instanceof Float32Array))
      throw glb.fail("has a motion without its values");
    if (!times.every((time, i) => time >= (times[i - 1] ?? 0) && time <= MAX_CLIP_SECONDS)) throw glb.fail(`has a motion that is not within ${MAX_CLIP_SECONDS} s`);
    if (!values.every(Number.isFinite)) throw glb.fail("has a motion to nowhere");
    return [{ node, path: path as Track["path"], times, values, width, form }];
  });
}

type ParentsFirst = readonly (readonly [node: number, parent: number])[];

function worldMatrices({ gltf: { nodes } }: Glb, order: ParentsFirst, tracks: readonly Track[], seconds: number): Matrix[] {
  const moved = new Map(tracks.map((track) => [`${track.node} ${track.path}`, valueAt(track, seconds)]));
  const world: Matrix[] = [];
  for (const [node, parent] of order) {
    const part = (path: Track["path"]): readonly number[] => moved.get(`${node} ${path}`) ?? nodes[node]![path] ?? REST[path];
    const local = placement(part("translation"), part("rotation"), part("scale"));
    world[node] = parent < 0 ? local : product(world[parent]!, local);
  }
  return world;
}

/** Between two keys a straight line; a quaternion the short way round. Splines are taken at their keys. */
function valueAt({ times, values, width, form }: Track, seconds: number): number[] {
  let next = 0;
  while (next < times.length && times[next]! <= seconds) next++;
  const at = Math.max(0, next - 1);
  const to = Math.min(times.length - 1, next);
  const part = form === "STEP" || at === to ? 0 : Math.min(1, Math.max(0, (seconds - times[at]!) / (times[to]! - times[at]!)));
  const key = (i: number, k: number): number => values[form === "CUBICSPLINE" ? (3 * i + 1) * width + k : i * width + k]!;
  let sign = 1;
  if (width === 4 && key(at, 0) * key(to, 0) + key(at, 1) * key(to, 1) + key(at, 2) * key(to, 2) + key(at, 3) * key(to, 3) < 0) sign = -1;
  return Array.from({ length: width }, (_, k) => key(at, k) * (1 - part) + sign * key(to, k) * part);
}
