import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../host/root.js";
import type { LoadedPackage } from "../../host/types.js";
import { decodePlan } from "../../models/package/plan.js";
import { BOARDS } from "./boards.js";
import { linkImage, needsOf, networkFolder } from "./image.js";
import { runImage } from "./qemu.js";
import type { Script } from "./script.js";

/** Instructions of an op on the emulated Cortex-M3, per timestep. */
export interface OpCount {
  readonly name: string;
  readonly instructions: number;
  /** Of weighted ops; 0 otherwise. */
  readonly synapticOperations: number;
  /** The same op as test/embed/c/hand.c does it. */
  readonly byHand: number;
}

const PROGRAM = fileURLToPath(new URL("test/embed/c/count.c", packageRoot)), HAND = fileURLToPath(new URL("test/embed/c/hand.c", packageRoot));
/** SysTick of the MPS2 board runs at 25 MHz, and an instruction takes one ns of QEMU's time with -icount shift=0. */
const INSTRUCTIONS_A_TICK = 40;

/** Counts what each op of a package takes on a script. The counts repeat exactly. */
export function countOps(pkg: LoadedPackage, script: Script, extra: readonly string[] = []): OpCount[] {
  const { ops, tensors } = decodePlan(pkg.plan).program, folder = networkFolder(pkg), { m3: board } = BOARDS;
  const mostSums = Math.max(...tensors.map(({ h, w, c }) => h * w * c));
  writeFileSync(join(folder, "events"), script.words);
  const image = linkImage({
    board, needs: needsOf(pkg), folder, program: [PROGRAM, HAND], extra: [`-DCOUNTED=${ops.length}`, `-DMOST_SUMS=${mostSums}u`, ...extra],
  });
  const { code, said } = runImage(board, image, folder);
  if (code !== 0) throw new Error(`the board ended with ${code}: ${said}`);
  const ticks = new Uint32Array(new Uint8Array(readFileSync(join(folder, "ticks"))).buffer);
  const perStep = (value: number): number => Math.round(value * INSTRUCTIONS_A_TICK / script.steps);
  return ops.map(({ name }, i) => ({
    name, instructions: perStep(ticks[i]!), byHand: perStep(ticks[ops.length + i]!), synapticOperations: script.profile[i]!.synapticOperations / script.steps,
  }));
}

/** Of all weighted ops together: instructions per synaptic operation. */
export function perOperation(counts: readonly OpCount[], of: "instructions" | "byHand"): number {
  const weighted = counts.filter(({ synapticOperations }) => synapticOperations > 0);
  const sum = (take: (count: OpCount) => number): number => weighted.reduce((total, count) => total + take(count), 0);
  return sum(count => count[of]) / sum(count => count.synapticOperations);
}
