import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { SaccadeError } from "../../host/errors.js";
import { readGlb } from "../../host/simulator/mesh/glb.js";
import { meshRecording } from "../../host/simulator/mesh/recording.js";
import { readRig, type Rig } from "../../host/simulator/mesh/rig.js";
import { endRuns, saccade } from "../cli/run.js";
import { needs, sharedData } from "../data.js";
import { seeds } from "../seeds.js";
import { glbOf, smallBody } from "./glb-file.js";

const folder = mkdtempSync(join(tmpdir(), "saccade-mesh-"));
t.teardown(() => {
  endRuns();
  rmSync(folder, { recursive: true, force: true });
});

const rigOf = (bytes: Uint8Array): Rig => readRig(readGlb(bytes, "body.glb"));
const corner = (rig: Rig, seconds: number, vertex: number): number[] => {
  const out = new Float32Array(rig.vertices * 3);
  rig.pose("turn", seconds, out);
  return [...out.subarray(3 * vertex, 3 * vertex + 3)].map((value) => Math.round(value * 1000) / 1000 + 0);
};

t.test("bones move the vertices that hang on them, the short way, evenly in between", async (t) => {
  const rig = rigOf(smallBody());
  t.same([...rig.clips], [["turn", 1]]);
  t.same(corner(rig, 0, 2), [0.2, 1.8, 0]);
  t.same(corner(rig, 1, 2), [-1.8, 0.2, 0], "a quarter of a turn");
  t.same(corner(rig, 5, 2), [-1.8, 0.2, 0], "after the end as at the end");
  t.same(corner(rig, 0.5, 1), [0.2, 0, 0], "the other bone stays");
  const [x, y] = corner(rig, 0.5, 2) as [number, number, number];
  t.ok(Math.abs(Math.atan2(y, x) - Math.atan2(1.8, 0.2) - Math.PI / 4) < 0.01);
});

t.test("each body hangs on the bones of its own skin", async (t) => {
  const swapped = rigOf(smallBody((gltf) => {
    const { skins, nodes } = gltf as unknown as Loose;
    skins.push({ ...skins[0]!, joints: [1, 0] });
    Object.assign(nodes[2]!, { skin: 1 });
  }));
  t.same(corner(swapped, 1, 1), [0, 0.2, 0], "on the bone that turns");
  t.same(corner(swapped, 1, 2), [0.2, 1.8, 0], "on the one that stays");
});

interface Loose {
  skins: { joints: number[]; inverseBindMatrices: number }[];
  nodes: { children?: number[] }[];
  accessors: { count: number; bufferView: number; componentType: number }[];
  animations: { name?: string; samplers: { input: number; output: number }[] }[];
}
const refused: readonly (readonly [what: string, change: (gltf: Loose) => void, says: RegExp])[] = [
  ["no skins", (gltf) => (gltf.skins = []), /no skins/],
  ["a bone too few", (gltf) => gltf.skins[0]!.joints.pop(), /without its matrices/],
  ["a bone that is no node", (gltf) => (gltf.skins[0]!.joints[1] = 77), /no node/],
  ["a body whose skin is not there", (gltf) => Object.assign(gltf.nodes[2]!, { skin: 7 }), /skin is not there/],
  ["a node that is placed by a word", (gltf) => Object.assign(gltf.nodes[0]!, { translation: 5 }), /nowhere/],
  ["a node that is nowhere", (gltf) => Object.assign(gltf.nodes[0]!, { translation: ["far", 0, 0] }), /nowhere/],
  ["nodes in a ring", (gltf) => (gltf.nodes[1]!.children = [0]), /tree/],
  ["a child that is not there", (gltf) => (gltf.nodes[1]!.children = [77]), /tree/],
  ["numbers beyond the file", (gltf) => (gltf.accessors[0]!.count = 1e9), /beyond its numbers/],
  ["numbers of an unknown kind", (gltf) => (gltf.accessors[0]!.componentType = 1), /can be read/],
  ["a motion without values", (gltf) => (gltf.animations[0]!.samplers[0]!.output = 99), /accessor 99/],
];
for (const [what, change, says] of refused)
  t.test(`refused: ${what}`, async (t) => {
    const bytes = smallBody((gltf) => void change(gltf as unknown as Loose));
    t.throws(() => void rigOf(bytes).pose("turn", 0.5, new Float32Array(12)), { code: "RECORDING_CORRUPT", message: says });
  });

for (const seed of seeds())
  t.test(`a damaged body is read or refused (seed ${seed})`, async () => {
    const whole = smallBody();
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(whole.length), (at, value, length) => {
        const bytes = Buffer.from(whole.subarray(0, length));
        if (at < length) bytes[at] = value;
        try {
          const rig = rigOf(bytes);
          for (const [clip, seconds] of rig.clips) rig.pose(clip, seconds / 2, new Float32Array(3 * rig.vertices));
        } catch (error) {
          if (!(error instanceof SaccadeError)) throw error;
        }
      }),
      { seed, numRuns: 1000 },
    );
  });

t.test("clips without a name, and of the same name, are clips too", async (t) => {
  const rig = rigOf(smallBody((gltf) => {
    const { animations } = gltf as unknown as Loose;
    animations.push(animations[0]!, { ...animations[0]!, name: undefined! });
    delete animations[2]!.name;
  }));
  t.same([...rig.clips.keys()], ["turn", "turn_1", "animation_2"]);
});

t.test("a JSON of nothing is refused", async (t) => {
  for (const json of ["null", "7", '"glTF"']) t.throws(() => readGlb(glbOf(Buffer.from(json), Buffer.alloc(4)), "x.glb"), { code: "RECORDING_CORRUPT" }, json);
});

t.test("a motion without end is refused", async (t) => {
  for (const last of [Infinity, NaN, 1e9, -1]) {
    const bytes = smallBody();
    // The times, and the first turn.
    const at = bytes.lastIndexOf(Buffer.from(Float32Array.of(0, 1, 0, 0, 0, 1).buffer));
    bytes.writeFloatLE(last, at + 4);
    t.throws(() => rigOf(bytes), { code: "RECORDING_CORRUPT", message: /not within 3600 s/ }, String(last));
  }
});

t.test("simulate mesh: its clips by name", async (t) => {
  const body = join(folder, "body.glb");
  writeFileSync(body, smallBody());
  const out = join(folder, "out");
  t.equal((await saccade("simulate", "mesh", "--mesh", body, "--out", out, "--count", "2")).code, 0);
  const { labels, samples } = JSON.parse(readFileSync(join(out, "dataset.json"), "utf8"));
  t.same([labels, samples.map(({ file }: { file: string }) => file)], [["turn"], ["000000-turn.raw", "000001-turn.raw"]]);
  t.equal((await saccade("simulate", "mesh", "--mesh", body, "--out", out, "--clips", "turn,turn")).code, 0);
  t.same(JSON.parse(readFileSync(join(out, "dataset.json"), "utf8")).labels, ["turn"]);
  t.match(await saccade("simulate", "mesh", "--mesh", body, "--out", out, "--clips", "walk"), { code: 64, stderr: /has no clip "walk"; choose of turn/ });
  t.match(await saccade("simulate", "mesh", "--mesh", join(folder, "none.glb"), "--out", out), { code: 66 });
});

const MANNEQUIN = "motion/cc0-human-mesh/human-base-animations.glb";
t.test("a real body walks", needs(MANNEQUIN), async (t) => {
  const rig = rigOf(readFileSync(sharedData(MANNEQUIN)!));
  t.ok(rig.clips.size > 40, `${rig.clips.size} clips`);
  const { events, micros } = meshRecording(rig, "Sitting_Enter", 3);
  const rate = (events.count / micros) * 1e6;
  t.ok(rate > 3000 && rate < 60_000, `${Math.round(rate)} events a second`);
});
