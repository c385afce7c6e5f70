/** An action of UTD-MHAD, in the order of its numbers. */
export interface Action {
  readonly label: string;
  /**
   * What a mirrored performance is. "same": done with both sides, or by walking, so that it looks as natural; "left-handed": the same action
   * with the other hand; a label: the action that goes the other way round, with the other hand; undefined: a mirrored one is none of these.
   */
  readonly mirrored: "same" | "left-handed" | "swipe_left" | "swipe_right" | "draw_circle_cw" | "draw_circle_ccw" | undefined;
}

/** Source: UTD-MHAD's list of actions, Chen, Jafari, Kehtarnavaz 2015, doi:10.1109/ICIP.2015.7350781. All one-handed ones use the right. */
export const ACTIONS: readonly Action[] = [
  { label: "swipe_left", mirrored: "swipe_right" },
  { label: "swipe_right", mirrored: "swipe_left" },
  { label: "wave", mirrored: "left-handed" },
  { label: "clap", mirrored: "same" },
  { label: "throw", mirrored: "left-handed" },
  { label: "arm_cross", mirrored: "same" },
  { label: "basketball_shoot", mirrored: "same" },
  // The order of the strokes and the way round are part of the drawing.
  { label: "draw_x", mirrored: undefined },
  { label: "draw_circle_cw", mirrored: "draw_circle_ccw" },
  { label: "draw_circle_ccw", mirrored: "draw_circle_cw" },
  { label: "draw_triangle", mirrored: undefined },
  { label: "bowling", mirrored: "left-handed" },
  { label: "boxing", mirrored: "same" },
  { label: "baseball_swing", mirrored: "left-handed" },
  { label: "tennis_swing", mirrored: "left-handed" },
  { label: "arm_curl", mirrored: "same" },
  { label: "tennis_serve", mirrored: "left-handed" },
  { label: "push", mirrored: "same" },
  { label: "knock", mirrored: "left-handed" },
  { label: "catch", mirrored: "left-handed" },
  { label: "pickup_throw", mirrored: "left-handed" },
  { label: "jog", mirrored: "same" },
  { label: "walk", mirrored: "same" },
  { label: "sit_to_stand", mirrored: "same" },
  { label: "stand_to_sit", mirrored: "same" },
  { label: "lunge", mirrored: "same" },
  { label: "squat", mirrored: "same" },
];

export const ACTION_LABELS: readonly string[] = ACTIONS.map(({ label }) => label);

/** Who does what for which time, from UTD-MHAD's file names: a3_s5_t2 is action 3 by subject 5, trial 2. */
export interface ClipName {
  readonly name: string;
  readonly action: Action;
  readonly subject: number;
  readonly trial: number;
}

/** Undefined when the name is none of UTD-MHAD's. */
export function parseClipName(name: string): ClipName | undefined {
  const [, a, s, t] = /^a(\d{1,2})_s(\d{1,2})_t(\d{1,2})$/.exec(name) ?? [];
  const action = ACTIONS[Number(a) - 1];
  return action === undefined ? undefined : { name, action, subject: Number(s), trial: Number(t) };
}

/** UTD-MHAD's split by people: odd ones train, even ones test. */
export function splitOf({ subject }: ClipName): "train" | "test" {
  return subject % 2 === 1 ? "train" : "test";
}
