import { existsSync, readFileSync } from "node:fs";
import t from "tap";
import { Op } from "../../assembly/abi.js";
import { measureEngine } from "../../bench/embed/engine-text.js";
import { packageRoot } from "../../host/root.js";
import { blobBytes } from "../../models/export/blob.js";
import { BOARDS, CORES } from "../../models/export/boards.js";
import { ENGINE_TEXT, engineSize, OPERATOR_SETS, OWN_RAM_BYTES } from "../../models/export/engine-sizes.js";
import { fit } from "../../models/export/fit.js";
import { opsMask } from "../../models/export/needs.js";
import { readPackage } from "../../models/package/reader.js";
import { needsCompiler } from "../firmware-bridge/gcc.js";

const pkg = readPackage(Uint8Array.from(readFileSync(new URL("models/zoo/nmnist.saccade", packageRoot))));
/** What a change of the engine may add before the table has to be measured again. */
const DRIFT = 0.05;

t.test("flash and RAM are the sums of their parts, and what is too much is named", async (t) => {
  const free = fit(pkg, { core: "cortex-m3", flash: undefined, ram: undefined });
  t.same(free.excess, []);
  t.same(free.flash, { network: blobBytes(pkg), engine: ENGINE_TEXT["cortex-m3"].conv, total: blobBytes(pkg) + ENGINE_TEXT["cortex-m3"].conv });
  t.equal(free.ram.total, free.ram.arena + free.ram.state + free.ram.engine);
  const exact = { core: "cortex-m3", flash: free.flash.total, ram: free.ram.total } as const;
  t.same(fit(pkg, exact).excess, []);
  t.same(fit(pkg, { ...exact, flash: exact.flash - 1, ram: exact.ram - 1 }).excess, [
    `${exact.flash} bytes of flash where there are ${exact.flash - 1}`, `${exact.ram} bytes of RAM where there are ${exact.ram - 1}`,
  ]);
});

t.test("the engine's size is that of the least measured set that holds all operators; of any core the greatest", async (t) => {
  t.equal(opsMask(pkg.view.program), OPERATOR_SETS.conv);
  t.equal(engineSize("cortex-m0", 1 << Op.Linear).text, ENGINE_TEXT["cortex-m0"].linear);
  t.equal(engineSize("cortex-m0", 1 << Op.Concat).text, ENGINE_TEXT["cortex-m0"].all);
  t.equal(engineSize(undefined, OPERATOR_SETS.conv).text, Math.max(...CORES.map((core) => ENGINE_TEXT[core].conv)));
});

t.test("boards have a known core, and more flash than RAM", async (t) => {
  for (const [name, { core, flash, ram }] of Object.entries(BOARDS)) t.ok(CORES.includes(core) && ram >= 16384 && flash >= ram, name);
});

const missing = !existsSync(new URL("build/embed/saccade_engine.c", packageRoot)) && "needs npm run build:embedded";

t.test("the table is what the compiler gives today", missing ? { skip: missing } : needsCompiler("arm-none-eabi-gcc"), async (t) => {
  for (const [core, set] of [["cortex-m0", "conv"], ["cortex-m3", "conv"]] as const) {
    const { text, ram } = measureEngine(core, OPERATOR_SETS[set]), told = ENGINE_TEXT[core][set];
    t.ok(Math.abs(text / told - 1) <= DRIFT, `${core}: ${text} bytes, the table says ${told}: run node build/bench/embed/engine-text.js`);
    t.ok(ram <= OWN_RAM_BYTES, `${ram} bytes of RAM`);
  }
});
