import { writeNpz } from "../writers/npz.js";

/** Logits of one recording. */
interface RecordingLogits {
  /** Index of its true label; −1 when the package has none of that name. */
  readonly label: number;
  /** Sum of its windows' logits, exact below 2^53. */
  readonly sums: Float64Array;
}

/** The logits of an evaluation, by recording and by window. */
export class LogitsTable {
  readonly recordings: RecordingLogits[] = [];
  /** i32[width] of each window, and the recording that each is of. */
  readonly #windows: Int32Array[] = [];
  readonly #windowRecordings: number[] = [];

  /** @param width how many logits a window has    @param keepsWindows for `write` */
  constructor(
    readonly width: number,
    readonly keepsWindows: boolean,
  ) {}

  beginRecording(label: number): void {
    this.recordings.push({ label, sums: new Float64Array(this.width) });
  }

  /** A window of the recording that was begun last. */
  addWindow(logits: Int32Array): void {
    const { sums } = this.recordings.at(-1)!;
    logits.forEach((value, index) => (sums[index]! += value));
    if (!this.keepsWindows) return;
    this.#windows.push(logits);
    this.#windowRecordings.push(this.recordings.length - 1);
  }

  /**
   * Writes an .npz with, for n recordings of w windows in all and L logits:
   *
   *   logits            i32[n, L]  sums over each recording's windows, saturated
   *   label             i32[n]     index of the true label, −1 when it is none of the package's
   *   window_logits     i32[w, L]
   *   window_recording  u32[w]     index of the recording that the window is of
   */
  async write(path: string): Promise<void> {
    const { recordings, width } = this;
    const n = recordings.length;
    const w = this.#windows.length;
    const logits = new Int32Array(n * width);
    recordings.forEach(({ sums }, i) => logits.set(sums.map(saturated), i * width));
    const windowLogits = new Int32Array(w * width);
    this.#windows.forEach((each, i) => windowLogits.set(each, i * width));
    await writeNpz(path, {
      logits: { dtype: "<i4", shape: [n, width], data: logits },
      label: { dtype: "<i4", shape: [n], data: Int32Array.from(recordings, ({ label }) => label) },
      window_logits: { dtype: "<i4", shape: [w, width], data: windowLogits },
      window_recording: { dtype: "<u4", shape: [w], data: Uint32Array.from(this.#windowRecordings) },
    });
  }
}

function saturated(sum: number): number {
  return Math.min(Math.max(sum, -(2 ** 31)), 2 ** 31 - 1);
}
