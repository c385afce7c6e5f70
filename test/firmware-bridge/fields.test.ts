import { readFile } from "node:fs/promises";
import t from "tap";
import { FRAMES, type FrameType } from "../../firmware-bridge/protocol/fields.js";
import { sizeOf } from "../../firmware-bridge/protocol/layout.js";
import { headerText, structs, tablesText } from "../../firmware-bridge/protocol/render-c.js";
import { fieldsText, picture, withFields } from "../../firmware-bridge/protocol/render-pictures.js";
import { FrameWriter } from "../../firmware-bridge/protocol/writer.js";
import { packageRoot } from "../../host/root.js";

const textOf = (path: string): Promise<string> => readFile(new URL(`firmware-bridge/${path}`, packageRoot), "utf8");

t.test("the C tables and the pictures are made of the field tables: npm run bridge:fields", async (t) => {
  t.equal(await textOf("firmware/bridge_fields.h"), headerText());
  t.equal(await textOf("firmware/bridge_fields.c"), tablesText());
  const protocol = await textOf("PROTOCOL.md");
  t.equal(withFields(protocol), protocol);
  t.throws(() => withFields("no marks"), RangeError);
});

t.test("every type and field is in the page and in the header", async (t) => {
  const page = fieldsText(), header = headerText();
  t.ok(structs().length > 10);
  for (const [name, { code, forms }] of Object.entries(FRAMES) as [string, FrameType][]) {
    t.match(page, `### ${name} 0x${code.toString(16).padStart(2, "0")}`);
    t.match(header, `BRIDGE_${name} = 0x${code.toString(16).padStart(2, "0")}`);
    for (const { head, record = [] } of forms) for (const field of [...head, ...record]) t.match(page, `\`${field.name}\` | ${field.type} |`);
  }
  t.equal(new Set(Object.values(FRAMES).map(({ code }) => code)).size, Object.keys(FRAMES).length, "codes are apart");
  t.ok(Object.values(FRAMES).every(({ code, from }) => code >= 0x80 === (from === "host")));
  t.ok(Object.values(FRAMES as Record<string, FrameType>).every(({ forms }) => forms.every(({ head }) => 12 + sizeOf(head) <= 128)), "heads fit the least frame");
});

t.test("the page's example frame is what both are made of", async (t) => {
  const page = await textOf("PROTOCOL.md");
  const bytes = (name: string): number[] => page.match(new RegExp(`^${name} +([0-9a-f ]+)$`, "m"))![1]!.trim().split(/ +/).map((text) => parseInt(text, 16));
  const writer = new FrameWriter();
  writer.sent = 1;
  t.same([...writer.records("EVENTS", 0, {}, [{ dt: 0, x: 5, yp: 0x8007 }], 1000)], bytes("wire"));
  t.same([...writer.frame.u8.subarray(0, 18)], bytes("raw"));
});

t.test("a picture", async (t) => {
  t.equal(picture([{ name: "a", type: "u8", says: "" }, { name: "bc", type: "u32", says: "" }], "rest"), [
    " 0      1        5",
    "+------+--------+------+",
    "| a u8 | bc u32 | rest |",
    "+------+--------+------+",
    "",
  ].join("\n"));
});
