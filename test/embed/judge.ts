import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BOARDS } from "../../bench/embed/boards.js";
import { blobOf, EMBED, ENGINE_FOLDER, linkImage, runTool, WARNINGS } from "../../bench/embed/image.js";
import { runImage } from "../../bench/embed/qemu.js";
import { DType } from "../../assembly/abi.js";
import { planMemory } from "../../models/package/memory-plan.js";
import { encodePlan } from "../../models/package/plan.js";
import { Engine, type TensorView } from "../../host/engine/engine.js";
import type { Case } from "../conformance/cases/case.js";
import { program } from "./tools.js";

/** Elements of an output that is not i32. */
const WIDENED = 256;
/** Every op. */
export const ALL_OPS = 0xfffe;
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1"];
const BOARD_BLOB_BYTES = 1 << 20;

export interface Plan {
  readonly blob: Uint8Array;
  readonly steps: number;
  /** Input tensors, one behind the other, or none: then the judge runs its own values. */
  readonly frames?: Uint8Array;
}

/** Says of plans what the engine's C says: bytes as test/embed/c/judge.c writes them. @throws Error when it dies, or traps */
export type Judge = (plans: readonly Plan[]) => Uint8Array;

/** The C on this machine, all loads checked, under address and undefined-behaviour sanitizers; or otherwise by `flags`. */
export function nativeJudge(ramBytes: number, flags: readonly string[] = [...SANITIZERS, "-DSACCADE_CHECKS=2"]): Judge {
  const folder = mkdtempSync(join(tmpdir(), "saccade-judge-")), binary = join(folder, "judge");
  runTool("gcc", [
    ...WARNINGS, "-D_POSIX_C_SOURCE=200809L", ...flags, `-DSACCADE_OPS=${ALL_OPS}u`, `-DSACCADE_RAM_BYTES=${ramBytes}u`,
    `-I${EMBED}`, `-I${ENGINE_FOLDER}`, `-I${join(EMBED, "boards")}`, "-o", binary,
    program("judge.c"), program("board_posix.c"), join(EMBED, "saccade.c"),
  ]);
  return (plans) => {
    writeFileSync(join(folder, "plans"), written(plans));
    runTool(binary, [], { cwd: folder });
    return readFileSync(join(folder, "verdicts"));
  };
}

/** The C on the emulated Cortex-M3, as it ships. */
export function boardJudge(ramBytes: number): Judge {
  const folder = mkdtempSync(join(tmpdir(), "saccade-judge-"));
  const image = linkImage({
    board: BOARDS.m3, needs: { ops: ALL_OPS, ramBytes }, folder, program: program("judge.c"), extra: [`-DBLOB_BYTES=${BOARD_BLOB_BYTES}`],
  });
  return (plans) => {
    writeFileSync(join(folder, "plans"), written(plans));
    const { code, said } = runImage(BOARDS.m3, image, folder);
    if (code !== 0) throw new Error(`the board ended with ${code}: ${said}`);
    return readFileSync(join(folder, "verdicts"));
  };
}

function written(plans: readonly Plan[]): Buffer {
  return Buffer.concat(plans.flatMap(({ blob, steps, frames = new Uint8Array() }) => {
    const head = Uint32Array.of(blob.length, steps, frames.length / Math.max(1, steps));
    return [Buffer.from(head.buffer), blob, frames];
  }));
}

/**
 * A program, its frames in one window, and what Node's plain build answers: status 0, fault, outputs. Its only output is the last of its own
 * that saccade_output takes.
 */
export function planOf({ program: whole, frames }: Case): { readonly plan: Plan; readonly answer: Uint8Array } {
  const output = whole.outputs.findLast((index) => {
    const { dtype, h, w, c } = whole.tensors[index]!;
    return dtype === DType.I32 || h * w * c <= WIDENED;
  });
  if (output === undefined) throw new Error("no output that the C API takes");
  const program = { ...whole, outputs: [output] };
  const plan = encodePlan(program, planMemory(program), 0), engine = new Engine(plan, program.constants, { build: "scalar" });
  const stream = engine.stream(), inputs = frames.map((frame) => bytesOf(frame));
  stream.beginWindow();
  const answers = inputs.map((input) => {
    engine.input.set(input);
    stream.step();
    return bytesOf(Int32Array.from(engine.outputs[0]!));
  });
  const fault = Math.max(0, program.ops.length - 1);
  return {
    plan: { blob: blobOf({ plan, constants: program.constants }), steps: frames.length, frames: Buffer.concat(inputs) },
    answer: Buffer.concat([bytesOf(Int32Array.of(0, fault)), ...answers]),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: TensorView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
