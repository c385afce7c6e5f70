import { openRecording } from "../../host/recording.js";
import { sharedData } from "../../test/data.js";
import { INPUT_BOUND } from "./layers.js";

/** Recordings of a DVS128: people who walk and stand up, an object that is waved. */
const RECORDINGS = [
  "dvs/dvs128-actions/neal_walking.aedat", "dvs/dvs128-actions/cam255_alex_standing_up.aedat",
  "dvs/dvs128-actions/alex_walking_for_10secs.aedat", "dvs/dvs128-objects/DataSet2_Caneca.aedat",
];
const SIDE = 128, POLARITIES = 2;
/** Frames of a recording that are passed over: sensors begin with a burst. */
const PASSED_OVER = 5;

/**
 * A frame of each recording, counts u8 [128, 128, 2]: events are added up until the given share of elements, 0..1, is lit.
 * @returns undefined where the recordings are not at hand
 */
export async function recordedFrames(share: number): Promise<Uint8Array[] | undefined> {
  const paths = RECORDINGS.map(sharedData);
  return paths.includes(undefined) ? undefined : Promise.all(paths.map(path => frameOf(path!, share)));
}

async function frameOf(path: string, share: number): Promise<Uint8Array> {
  const wanted = share * SIDE * SIDE * POLARITIES, counts = new Uint8Array(SIDE * SIDE * POLARITIES);
  let lit = 0, passed = 0;
  for await (const { count, x, y, p } of (await openRecording(path)).decode())
    for (let i = 0; i < count; i++) {
      const at = (y[i]! * SIDE + x[i]!) * POLARITIES + p[i]!;
      if (counts[at] === 0) lit++;
      counts[at] = Math.min(INPUT_BOUND, counts[at]! + 1);
      if (lit < wanted) continue;
      if (passed++ === PASSED_OVER) return counts;
      counts.fill(0);
      lit = 0;
    }
  throw new RangeError(`${path} has no ${PASSED_OVER + 1} frames with ${Math.round(wanted)} elements lit`);
}
