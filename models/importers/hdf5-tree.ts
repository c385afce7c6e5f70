/** An HDF5 file as plain data: groups and their arrays, nothing else of the format. */
export interface H5Group {
  readonly kind: "group";
  readonly children: ReadonlyMap<string, H5Node>;
}
/** Row-major; a scalar has shape []. Integers of 64 bits become numbers. */
export interface H5Data {
  readonly kind: "data";
  readonly shape: readonly number[];
  readonly values: Float64Array | readonly string[];
}
/** Something that no network needs: a link to another file, a compound, a reference. */
export interface H5Other {
  readonly kind: "other";
  readonly what: string;
}
export type H5Node = H5Group | H5Data | H5Other;

/** Groups and arrays of one file. */
export const MAX_H5_OBJECTS = 100_000;
/** Groups inside groups; hard links can make a ring. */
export const MAX_H5_DEPTH = 32;
/** Values of all arrays of one file together: 512 MB as doubles. */
export const MAX_H5_VALUES = 1 << 26;

export interface H5Request {
  readonly id: number;
  readonly bytes: Uint8Array;
}
export type H5Reply =
  | { readonly id: number; readonly tree: H5Group }
  /** `poisoned`: the library trapped, and nothing that it says later can be trusted. */
  | { readonly id: number; readonly error: string; readonly poisoned: boolean };
