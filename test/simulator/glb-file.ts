/** A body of one quad on two bones, the second turning by a quarter about z in a second, as binary glTF. */
export function smallBody(change: (gltf: Record<string, unknown>) => void = () => undefined): Buffer {
  const parts: Buffer[] = [];
  const bufferViews: object[] = [];
  const accessors: object[] = [];
  const put = (numbers: Float32Array | Uint16Array | Uint8Array, type: string, componentType: number, count: number): number => {
    const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    bufferViews.push({ buffer: 0, byteOffset: parts.reduce((sum, part) => sum + part.length, 0), byteLength: bytes.length });
    parts.push(Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]));
    return accessors.push({ bufferView: bufferViews.length - 1, componentType, count, type }) - 1;
  };
  const one = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const quad = put(Float32Array.of(-0.2, 0, 0, 0.2, 0, 0, 0.2, 1.8, 0, -0.2, 1.8, 0), "VEC3", 5126, 4);
  const bones = put(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0), "VEC4", 5121, 4);
  const shares = put(Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0), "VEC4", 5126, 4);
  const faces = put(Uint16Array.of(0, 1, 2, 0, 2, 3), "SCALAR", 5123, 6);
  const inverse = put(Float32Array.of(...one, ...one), "MAT4", 5126, 2);
  const times = put(Float32Array.of(0, 1), "SCALAR", 5126, 2);
  const turns = put(Float32Array.of(0, 0, 0, 1, 0, 0, Math.SQRT1_2, Math.SQRT1_2), "VEC4", 5126, 2);
  const gltf: Record<string, unknown> = {
    asset: { version: "2.0" },
    nodes: [{ children: [1] }, {}, { mesh: 0, skin: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: quad, JOINTS_0: bones, WEIGHTS_0: shares }, indices: faces }] }],
    skins: [{ joints: [0, 1], inverseBindMatrices: inverse }],
    animations: [{ name: "turn", channels: [{ sampler: 0, target: { node: 1, path: "rotation" } }], samplers: [{ input: times, output: turns }] }],
    accessors,
    bufferViews,
    buffers: [{ byteLength: parts.reduce((sum, part) => sum + part.length, 0) }],
  };
  change(gltf);
  return glbOf(Buffer.from(JSON.stringify(gltf)), Buffer.concat(parts));
}

export function glbOf(json: Buffer, binary: Buffer): Buffer {
  const chunk = (kind: number, bytes: Buffer, fill: number): Buffer => {
    const body = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4, fill)]);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(body.length, 0);
    head.writeUInt32LE(kind, 4);
    return Buffer.concat([head, body]);
  };
  const chunks = Buffer.concat([chunk(0x4e4f534a, json, 0x20), chunk(0x004e4942, binary, 0)]);
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0x46546c67, 0);
  head.writeUInt32LE(2, 4);
  head.writeUInt32LE(12 + chunks.length, 8);
  return Buffer.concat([head, chunks]);
}
