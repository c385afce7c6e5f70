import { readFileSync } from "node:fs";
import { FrameKind } from "../../assembly/abi.js";
import type { IntegerGraph } from "../../models/graph/integer.js";
import { lower } from "../../models/package/lower.js";
import type { Program } from "../../models/package/program.js";
import { Reference } from "../reference/run-program.js";

/** Numbers of a CSV file, one array a column. */
export function csvColumns(path: string): number[][] {
  const rows = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number));
  return rows[0]!.map((_, column) => rows.map((row) => row[column]!));
}

/** A NumPy array of little-endian numbers in C order. */
export function npy(path: string): { shape: number[]; data: Float64Array } {
  const bytes = readFileSync(path);
  const start = bytes[6] === 1 ? 10 + bytes.readUInt16LE(8) : 12 + bytes.readUInt32LE(8);
  const header = bytes.toString("latin1", 10, start);
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)![1]!
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  const type = /'descr': '([^']*)'/.exec(header)![1]!;
  if (header.includes("'fortran_order': True")) throw new Error(`${path} is in Fortran order`);
  const body = bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length);
  const views = { "<f4": Float32Array, "<f8": Float64Array, "|i1": Int8Array } as const;
  const data =
    type === "<i8" ? Float64Array.from(new BigInt64Array(body), Number) : Float64Array.from(new views[type as keyof typeof views](body));
  return { shape, data };
}

/** A network on the oracle, with some of its inner nodes as further outputs. */
export class Probe {
  readonly program: Program;
  readonly reference: Reference;
  private readonly names: readonly string[];

  constructor(graph: IntegerGraph, timesteps: number, inner: readonly string[]) {
    this.names = [...graph.outputs, ...inner];
    this.program = lower({ nodes: graph.nodes, outputs: this.names }, { timesteps, frame: FrameKind.None, frameCap: 255 });
    this.reference = new Reference(this.program);
  }

  /** One timestep. @returns the values of a node, h × w × c */
  step(input: readonly number[]): (name: string) => readonly number[] {
    this.reference.step(Uint8Array.from(input, (value) => value & 255));
    return (name) => this.reference.tensors[this.program.outputs[this.names.indexOf(name)]!]!.data;
  }

  /** The first i32 of the state block's body: the potential of a network's only neuron. */
  get potential(): number {
    const body = this.reference.stateBody;
    return new DataView(body.buffer, body.byteOffset).getInt32(0, true);
  }
}
