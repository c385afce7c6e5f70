import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { PlanField, Status } from "../../assembly/abi.js";
import { blobOf } from "../../bench/embed/image.js";
import { runNative } from "../../bench/embed/native-run.js";
import { packageRoot } from "../../host/root.js";
import { readPackage } from "../../models/package/reader.js";
import { needsCompiler, run } from "../firmware-bridge/gcc.js";

const at = (path: string): string => fileURLToPath(new URL(path, packageRoot));
const AARCH64 = "aarch64-linux-gnu-gcc", QEMU = ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"];
const folder = mkdtempSync(join(tmpdir(), "saccade-library-"));
t.teardown(() => rmSync(folder, { recursive: true }));

const pkg = readPackage(Uint8Array.from(readFileSync(at("models/zoo/nmnist.saccade"))));
const blob = join(folder, "blob"), frames = join(folder, "frames");
writeFileSync(blob, blobOf(pkg));
writeFileSync(frames, pkg.selfTest.frames);

/** Which library, of which machine, and what it takes. */
const LIBRARIES = [
  { name: "plain", cc: "gcc", kind: [], emulator: [], wants: ["build/embed/saccade_engine.c"] },
  { name: "with vectors", cc: "gcc", kind: ["simd"], emulator: [], wants: ["build/engine/engine-simd.wasm", "build/wabt", "/usr/include/simde"] },
  { name: "plain, arm64", cc: AARCH64, kind: [], emulator: QEMU, wants: ["build/embed/saccade_engine.c"] },
  { name: "with vectors, arm64", cc: AARCH64, kind: ["simd"], emulator: QEMU, wants: ["build/engine/engine-simd.wasm", "build/wabt", "/usr/include/simde"] },
] as const;

/** In CI the build script fetches wasm2c itself, and nothing else may be missing. */
function needs({ cc, emulator, wants }: (typeof LIBRARIES)[number]): { skip: string | false } {
  for (const tool of [cc, ...emulator.slice(0, 1)]) if (needsCompiler(tool).skip) return needsCompiler(tool);
  const missing = process.env["CI"] ? undefined : wants.find((path) => !existsSync(path.startsWith("/") ? path : at(path)));
  return { skip: missing === undefined ? false : `needs ${missing}` };
}

for (const library of LIBRARIES)
  t.test(`the library, ${library.name}: the self-test's outputs, and a status for a plan that is wrong`, needs(library), async (t) => {
    const { cc, kind, emulator } = library, out = join(folder, library.name.replaceAll(/\W+/g, "-")), program = join(out, "run");
    // Headers of the C library that SIMDe may want lie beside those of this machine.
    const simde = cc === AARCH64 && kind.length > 0 ? ` -idirafter ${folder}/include` : "";
    if (simde !== "") {
      run("mkdir", ["-p", join(folder, "include")]);
      run("ln", ["-sf", "/usr/include/simde", join(folder, "include/simde")]);
    }
    run("env", [`CC=${cc}`, `CFLAGS=-O1${simde}`, at("firmware-bridge/firmware/native/build.sh"), out, ...kind]);
    const driver = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", `-I${out}`, "-o", program, at("bench/embed/c/native.c")];
    run(cc, cc === AARCH64 ? [...driver, join(out, "libsaccade.a"), "-lm"] : [...driver, `-L${out}`, `-Wl,-rpath,${out}`, "-lsaccade"]);
    const { timesteps, digest } = pkg.selfTest, args = [blob, frames, `${timesteps}`, `${pkg.card.framing.timesteps}`];
    t.equal(createHash("sha256").update(runNative(program, args, emulator).logits).digest("hex"), digest);

    const broken = join(folder, "broken");
    const refused = (bytes: Uint8Array, status: Status): void => {
      writeFileSync(broken, bytes);
      t.throws(() => runNative(program, [broken, ...args.slice(1)], emulator), new RegExp(`ended with ${status}:`), `status ${status}`);
    };
    const whole = blobOf(pkg);
    refused(whole.subarray(0, whole.length - 4096), Status.BadLength);
    refused(whole.subarray(0, 40), Status.BadLength);
    const changed = (word: number, value: number): Uint8Array => {
      const bytes = whole.slice();
      new DataView(bytes.buffer).setUint32(4 * word, value, true);
      return bytes;
    };
    refused(changed(PlanField.Magic, 0), Status.BadMagic);
    refused(changed(PlanField.Abi, 99), Status.BadVersion);
    refused(changed(PlanField.ConstantsBytes, 0xfffffff0), Status.BadLength);
    refused(changed(PlanField.ArenaBytes, 0xffffffff), Status.BadCount);
    refused(changed(PlanField.Tensors, 0xffffffff), Status.BadCount);
  });
