/** What one look at the machine gave. */
export interface Finding {
  /** What was looked at: "node", "port /dev/ttyUSB0", "broker". */
  readonly check: string;
  /** warn: it works, or will, but not as well as it could. fail: it does not work. */
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  /** What to do about it; null when there is nothing to do. */
  readonly remedy: string | null;
}

export function ok(check: string, message: string): Finding {
  return { check, status: "ok", message, remedy: null };
}

export function warn(check: string, message: string, remedy: string): Finding {
  return { check, status: "warn", message, remedy };
}

export function fail(check: string, message: string, remedy: string): Finding {
  return { check, status: "fail", message, remedy };
}

/** Where the system keeps what is looked at. */
export interface Roots {
  readonly dev: string;
  readonly sys: string;
  readonly proc: string;
  readonly run: string;
  readonly etc: string;
}

export const ROOTS: Roots = { dev: "/dev", sys: "/sys", proc: "/proc", run: "/run", etc: "/etc" };

/** The code of a failed call of the system: "EACCES". */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));
}
