export type NoticeCode =
  | "BROKER_CONNECTED"
  | "BROKER_LOST"
  | "BROKER_UNREACHABLE"
  | "BROKER_REFUSED"
  | "BROKER_OLD_PROTOCOL"
  | "BROKER_DUPLICATE_ID";

/** Something that a log should hold: a code for programs, what happened, what to do. Not an error: the publisher goes on. */
export interface Notice {
  readonly code: NoticeCode;
  readonly message: string;
  readonly remedy: string;
}

const REPEAT_MILLIS = 60_000;

/** Passes a notice on, the same one at most once a minute. */
export function seldom(notify: (notice: Notice) => void, now: () => number = () => performance.now()): (notice: Notice) => void {
  const said = new Map<string, number>();
  return (notice) => {
    const key = `${notice.code} ${notice.message}`;
    const last = said.get(key);
    if (last !== undefined && now() - last < REPEAT_MILLIS) return;
    if (said.size >= 64) said.clear();
    said.set(key, now());
    notify(notice);
  };
}
