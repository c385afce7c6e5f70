import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Test } from "tap";
import { packageRoot } from "../../host/root.js";

const docs = (name: string): string => fileURLToPath(new URL(`docs/${name}`, packageRoot));
const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
const event = ajv.compile(JSON.parse(readFileSync(docs("event.schema.json"), "utf8")));
const stats = ajv.compile(JSON.parse(readFileSync(docs("stats.schema.json"), "utf8")));
const state = ajv.compile(JSON.parse(readFileSync(docs("state.schema.json"), "utf8")));

/** The text has to fit docs/event.schema.json; or not to, with `fits` false. Quiet when it is so, for property tests. */
export function checkEventJson(t: Test, text: string, fits = true): void {
  if (event(JSON.parse(text)) !== fits) t.fail(`event.schema.json: ${text}`, { errors: event.errors });
}

/** The same for docs/state.schema.json. */
export function checkStateJson(t: Test, text: string, fits = true): void {
  if (state(JSON.parse(text)) !== fits) t.fail(`state.schema.json: ${text}`, { errors: state.errors });
}

/** The same for docs/stats.schema.json. */
export function checkStatsJson(t: Test, text: string, fits = true): void {
  if (stats(JSON.parse(text)) !== fits) t.fail(`stats.schema.json: ${text}`, { errors: stats.errors });
}

/** A peer that reads CDDL: Python's pycddl (cddl-peer.sh installs it), in the interpreter that SACCADE_CDDL_PYTHON names, or python3. */
const NAMED = process.env["SACCADE_CDDL_PYTHON"];
const PYTHON = NAMED ?? "python3";
const VALIDATE = `
import json, sys, pycddl
schema = pycddl.Schema(f"root = {sys.argv[2]}\\n" + open(sys.argv[1]).read())
said = []
for line in sys.stdin:
    try:
        schema.validate_cbor(bytes.fromhex(line.strip())); said.append(None)
    except pycddl.ValidationError as error:
        said.append(str(error))
print(json.dumps(said))
`;

/** Whether pycddl is there; in an interpreter that was named it has to be. */
function hasCddlPeer(): boolean {
  const found = spawnSync(PYTHON, ["-c", "import pycddl"]).status === 0;
  if (!found && NAMED !== undefined) throw new Error(`pycddl is missing in ${NAMED}`);
  return found;
}

/** Every byte string has to be what a rule of docs/messages.cddl says, says pycddl; or none, with `fit` false. */
export async function checkCddl(t: Test, messages: readonly Uint8Array[], fit = true, rule = "saccade-event"): Promise<void> {
  if (!hasCddlPeer()) return t.comment(`CDDL is not checked: ${PYTHON} has no pycddl`);
  const input = messages.map((bytes) => `${Buffer.from(bytes).toString("hex")}\n`).join("");
  const { stdout, stderr, status } = spawnSync(PYTHON, ["-c", VALIDATE, docs("messages.cddl"), rule], { input, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const said = JSON.parse(stdout) as (string | null)[];
  t.ok(messages.length > 0 && said.length === messages.length, "every message was looked at");
  t.same(said.filter((error) => (error === null) !== fit), [], fit ? "all fit messages.cddl" : "none fits messages.cddl");
}
