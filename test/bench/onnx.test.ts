import t from "tap";
import { encodeModel } from "../../bench/onnx/model.js";
import { bytes, float, int, message, text } from "../../bench/onnx/protobuf.js";

t.test("fields as the encoding guide of protocol buffers has them", async t => {
  t.same([...int(1, 150)], [0x08, 0x96, 0x01]);
  t.same([...text(2, "testing")], [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
  t.same([...message(3, [int(1, 150)])], [0x1a, 0x03, 0x08, 0x96, 0x01]);
  t.same([...float(1, 1)], [0x0d, 0, 0, 0x80, 0x3f]);
  t.same([...int(20, 0)], [0xa0, 0x01, 0]);
  t.same([...bytes(1, new Uint8Array(300)).subarray(0, 3)], [0x0a, 0xac, 0x02]);
  t.same([...int(1, 2 ** 40)], [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
});

t.test("a model of one node, byte by byte", async t => {
  const value = { type: "float32", dims: [1] } as const;
  const model = encodeModel({
    input: { name: "x", ...value }, output: { name: "y", ...value },
    nodes: [{ op: "Clip", inputs: ["x", "z"], output: "y", attributes: { axis: 0, pads: [1, 2], alpha: 0.5 } }],
    initializers: [{ name: "z", dims: [1], data: Int8Array.of(-1) }],
  });
  const valueInfo = (name: string): Uint8Array[] => [
    text(1, name), message(2, [message(1, [int(1, 1), message(2, [message(1, [int(1, 1)])])])]),
  ];
  const node = [
    text(1, "x"), text(1, "z"), text(2, "y"), text(3, "y"), text(4, "Clip"),
    message(5, [text(1, "axis"), int(3, 0), int(20, 2)]), message(5, [text(1, "pads"), int(8, 1), int(8, 2), int(20, 7)]),
    message(5, [text(1, "alpha"), float(2, 0.5), int(20, 1)]),
  ];
  const graph = [
    message(1, node), text(2, "network"), message(5, [int(1, 1), int(2, 3), text(8, "z"), bytes(9, Uint8Array.of(255))]),
    message(11, valueInfo("x")), message(12, valueInfo("y")),
  ];
  const wanted = [int(1, 8), text(2, "saccade bench"), message(7, graph), message(8, [text(1, ""), int(2, 13)])];
  t.same([...model], [...Buffer.concat(wanted)]);
});
