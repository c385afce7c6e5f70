import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../host/root.js";
import { exportC } from "../../models/export/c-source.js";
import type { PackageFile } from "../../models/package/reader.js";
import { EXAMPLES, firmwareSources, needsCompiler, run } from "../firmware-bridge/gcc.js";

const FIRMWARE = join(EXAMPLES, "..");
const ENGINE = fileURLToPath(new URL("build/embed/", packageRoot));
const WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wpedantic", "-Werror"];
const CORE = ["-mcpu=cortex-m3", "-mthumb", "-ffunction-sections", "-fdata-sections"];
const QEMU = "qemu-system-arm";

/** tap options: skips where a board cannot be built or emulated, but not in CI. */
export function needsBoard(): { skip: string | false } {
  for (const tool of ["arm-none-eabi-gcc", QEMU]) if (needsCompiler(tool).skip) return needsCompiler(tool);
  const missing = !existsSync(join(ENGINE, "saccade_engine.c"));
  if (missing && process.env["CI"]) throw new Error("the engine's C is missing: npm run build:embedded");
  return { skip: missing ? "needs npm run build:embedded" : false };
}

/** Links the network example for an emulated Cortex-M3: a package, and a camera on the second UART or a capture of one. */
export function networkImage(pkg: PackageFile, capture?: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "saccade-board-"));
  const { header, source } = exportC(pkg, "network");
  writeFileSync(join(folder, "network.h"), header);
  writeFileSync(join(folder, "network.c"), source);
  writeFileSync(join(folder, "saccade_config.h"),
    "#include \"network.h\"\n#define SACCADE_OPS SACCADE_NETWORK_OPS\n#define SACCADE_RAM_BYTES SACCADE_NETWORK_RAM_BYTES\n");
  if (capture !== undefined) writeFileSync(join(folder, "recording.bridge"), capture);
  const includes = [FIRMWARE, join(FIRMWARE, "embed"), ENGINE, folder].map((path) => `-I${path}`);
  const engine = join(folder, "engine.o"), image = join(folder, "network.elf"), example = (name: string): string => join(EXAMPLES, "network", name);
  run("arm-none-eabi-gcc", ["-std=c99", ...CORE, "-O2", ...includes, "-c", "-o", engine, join(FIRMWARE, "embed", "saccade.c")]);
  const camera = capture === undefined ? [example("camera_bridge.c")] : [example("camera_recording.c"), example("recording.S")];
  run("arm-none-eabi-gcc", [
    ...WARNINGS, ...CORE, "-Os", ...includes, `-Wa,-I${folder}`, "-nostartfiles", "-nostdlib", "-T", join(EXAMPLES, "mps2.ld"), "-Wl,--gc-sections",
    "-Wl,--no-warn-rwx-segments", "-o", image, example("classify.c"), ...camera, join(EXAMPLES, "board_mps2.c"), ...firmwareSources(),
    join(folder, "network.c"), engine, "-lc_nano", "-lgcc",
  ]);
  return image;
}

/** A board that runs, its host's line a pseudo-terminal. */
export interface Board {
  readonly port: string;
  kill(): Promise<void>;
}

/** @param camera  a TCP port on loopback where the camera's end of the second UART listens */
export async function startBoard(image: string, camera?: number): Promise<Board> {
  const uart = camera === undefined ? [] : ["-serial", `tcp:127.0.0.1:${camera}`];
  const child: ChildProcess = spawn(QEMU, ["-M", "mps2-an385", "-display", "none", "-monitor", "none", "-serial", "pty", ...uart, "-kernel", image],
    { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const port = new Promise<string>((resolve, reject) => {
    const hear = (bytes: Buffer): void => {
      said += bytes.toString();
      const found = /redirected to (\/dev\/\S+)/.exec(said);
      if (found) resolve(found[1]!);
    };
    child.stdout!.on("data", hear);
    child.stderr!.on("data", hear);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${QEMU} ended with ${code}: ${said}`)));
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill();
    await exit;
  };
  return { port: await port, kill };
}
