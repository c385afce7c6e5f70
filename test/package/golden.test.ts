import { readFileSync } from "node:fs";
import t from "tap";
import { packageRoot } from "../../host/root.js";
import { smallPackage } from "./networks.js";

interface Golden {
  readonly made: string;
  readonly base64: string;
}

/**
 * The bytes that format 1 gives the small network. A change here is a change of the format (raise its number), of the places that a memory
 * plan gives its tensors (say why, and renew the bytes), or a mistake.
 */
const golden = JSON.parse(readFileSync(new URL("test/package/golden.json", packageRoot), "utf8")) as Golden;

t.test("the small network's package is the golden one, byte for byte", async (t) => {
  const bytes = await smallPackage();
  t.ok(golden.made.length > 0);
  t.equal(Buffer.from(bytes).toString("base64"), golden.base64);
  t.strictSame(await smallPackage(), bytes, "and again");
});
