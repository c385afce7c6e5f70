/** Waiting without blocking; Node has it, the library of ES2023 does not name it. */
interface Atomics {
  waitAsync(words: Int32Array, at: number, value: number):
    | { readonly async: false; readonly value: "not-equal" | "timed-out" }
    | { readonly async: true; readonly value: Promise<"ok" | "timed-out"> };
}
