import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { BOARDS } from "../../bench/embed/boards.js";
import { linkImage, needsOf, networkFolder } from "../../bench/embed/image.js";
import { runImage } from "../../bench/embed/qemu.js";
import { scriptOf } from "../../bench/embed/script.js";
import { openPackage } from "../../host/network.js";
import { sharedData } from "../data.js";
import { BOARD_TOOLS, needsTools, program } from "./tools.js";

const DATA = "dvs/nmnist-small/test.json", RECORDINGS = 20;
/** The package that each board runs: the micro:bit has 16 KiB of RAM. */
const PACKAGES = { m3: "nmnist", m7: "nmnist", m55: "nmnist", m0: "nmnist-tiny" } as const;

const data = sharedData(DATA);
const skip = data === undefined ? { skip: `needs ../shared/data/${DATA}` } : needsTools(...BOARD_TOOLS);

for (const [name, packageName] of Object.entries(PACKAGES) as [keyof typeof PACKAGES, string][]) {
  const board = BOARDS[name];
  t.test(`${packageName} on an emulated ${board.core} (${board.machine}) answers ${RECORDINGS} recordings as Node does`, skip, async (t) => {
    const pkg = await openPackage(packageName), script = await scriptOf(pkg, data!, RECORDINGS), folder = networkFolder(pkg);
    writeFileSync(join(folder, "events"), script.words);
    const image = linkImage({ board, needs: needsOf(pkg), folder, program: program("replay.c") });
    t.match(runImage(board, image, folder), { code: 0, said: "" });
    const said = readFileSync(join(folder, "logits")), wanted = Buffer.from(script.logits.buffer);
    t.equal(script.recordings, RECORDINGS);
    t.ok(script.steps >= RECORDINGS * pkg.card.framing.timesteps, `${script.steps} steps`);
    t.ok(script.logits.some((logit) => logit !== 0), "logits that say something");
    t.ok(Buffer.compare(said, wanted) === 0, "every logit of every step");
  });
}
