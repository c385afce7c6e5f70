import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { BOARDS } from "../../bench/embed/boards.js";
import { EMBED, linkImage, needsOf, networkFolder } from "../../bench/embed/image.js";
import { runImage } from "../../bench/embed/qemu.js";
import { scriptOf } from "../../bench/embed/script.js";
import { deepestCalls } from "../../bench/embed/stack.js";
import { openPackage } from "../../host/network.js";
import { sharedData } from "../data.js";
import { ALL_OPS } from "./judge.js";
import { BOARD_TOOLS, needsTools, program } from "./tools.js";

/** In the order of test/embed/c/stack.c. */
const MEASURED = [
  "saccade_load", "saccade_reset", "saccade_begin_window", "saccade_event", "saccade_events", "saccade_frame", "saccade_step", "saccade_output",
] as const;
/** The frame of the function that makes the call and looks at the paint. */
const CALLER_BYTES = 48;
const DATA = "dvs/nmnist-small/test.json";

t.test("saccade.h says how deep each call goes on a Cortex-M3, whatever the network", needsTools("arm-none-eabi-gcc"), async (t) => {
  const found = deepestCalls(BOARDS.m3, { ops: ALL_OPS, ramBytes: 16384 });
  const header = readFileSync(join(EMBED, "saccade.h"), "utf8");
  for (const [call, bytes] of Object.entries(found)) {
    const at = header.search(new RegExp(`^\\w[^\\n]*\\b${call}\\(`, "m"));
    const said = Number(header.slice(0, at).match(/Stack: (\d+)\./g)?.at(-1)?.match(/\d+/)?.[0]);
    t.ok(bytes <= said, `${call}: ${bytes} bytes, said to be ${said}`);
  }
});

const data = sharedData(DATA);
t.test("paint on the stack of an emulated Cortex-M3 shows no call that goes deeper", data === undefined ? { skip: `needs ../shared/data/${DATA}` } : needsTools(...BOARD_TOOLS), async (t) => {
  const pkg = await openPackage("nmnist"), script = await scriptOf(pkg, data!, 1), folder = networkFolder(pkg), { m3: board } = BOARDS, needs = needsOf(pkg);
  writeFileSync(join(folder, "events"), script.words);
  t.match(runImage(board, linkImage({ board, needs, folder, program: program("stack.c") }), folder), { code: 0, said: "" });
  const depths = new Uint32Array(new Uint8Array(readFileSync(join(folder, "stack"))).buffer), bound = deepestCalls(board, needs);
  for (const [i, call] of MEASURED.entries()) t.ok(depths[i]! > 0 && depths[i]! <= bound[call]! + CALLER_BYTES, `${call}: ${depths[i]} of ${bound[call]}`);
});
