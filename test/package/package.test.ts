import { decode as strictDecode, encode as strictEncode, rfc8949EncodeOptions } from "cborg";
import t from "tap";
import { buildPackage } from "../../models/package/writer.js";
import { readPackage } from "../../models/package/reader.js";
import { makeSelfTest } from "../../models/package/self-test.js";
import { ANY_DIGEST, SMALL_CARD, smallProgram } from "./networks.js";

const program = smallProgram();
const selfTest = await makeSelfTest(program, () => ANY_DIGEST);
const graph = { nodes: [{ type: "Conv2d", scale: 0.1, big: 2 ** 40, low: -(2 ** 31) - 1 }], import_report: { assumed: ["dt = 1 ms"] } };
const bytes = buildPackage({ program, card: SMALL_CARD, graph, selfTest });

t.test("what is written is read", async (t) => {
  const read = readPackage(bytes);
  t.strictSame(read.card, SMALL_CARD);
  t.strictSame(read.graph, graph);
  t.strictSame(read.selfTest, selfTest);
  t.strictSame(read.constants, program.constants);
  t.strictSame(read.names.ops, program.ops.map(({ name }) => name));
  t.equal(read.signature, undefined);
});

t.test("a strict decoder reads the file and its sections, and writes the same bytes", async (t) => {
  const options = { strict: true, allowIndefinite: false, allowUndefined: false, rejectDuplicateMapKeys: true };
  const again = (part: Uint8Array) => Buffer.from(strictEncode(strictDecode(part, options), { ...rfc8949EncodeOptions, float64: true }));
  const { sections } = strictDecode(bytes, options) as { sections: Record<string, Uint8Array> };
  t.ok(again(bytes).equals(bytes));
  for (const name of ["card", "graph", "selftest"]) t.ok(again(sections[name]!).equals(sections[name]!), name);
});
