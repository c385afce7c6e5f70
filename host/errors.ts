/** Exit codes of sysexits.h that the commands use. */
export const EXIT = { ok: 0, usage: 64, data: 65, noInput: 66, unavailable: 69, internal: 70, config: 78 } as const;

/** Every code that a user can meet, and how the process ends when nobody handles it. */
export const ERROR_CODES = {
  USAGE: EXIT.usage,
  FILE_NOT_FOUND: EXIT.noInput,
  FILE_UNREADABLE: EXIT.noInput,
  FILE_UNWRITABLE: EXIT.unavailable,
  FORMAT_UNKNOWN: EXIT.data,
  FORMAT_AMBIGUOUS: EXIT.data,
  RECORDING_EMPTY: EXIT.data,
  RECORDING_CORRUPT: EXIT.data,
  RECORDING_UNSUPPORTED: EXIT.data,
  SENSOR_SIZE_UNKNOWN: EXIT.data,
  SENSOR_MISMATCH: EXIT.data,
  SENSOR_INFO_MISSING: EXIT.data,
  SENSOR_INFO_INVALID: EXIT.data,
  PACKAGE_REFUSED: EXIT.data,
  DOES_NOT_FIT: EXIT.data,
  SELF_TEST_FAILED: EXIT.data,
  STATE_REFUSED: EXIT.data,
  DATASET_INVALID: EXIT.data,
  PORT_REFUSED: EXIT.unavailable,
  PORT_AMBIGUOUS: EXIT.unavailable,
  BROKER_UNREACHABLE: EXIT.unavailable,
  BROKER_REFUSED: EXIT.unavailable,
  ENGINE_MISSING: EXIT.unavailable,
  ENGINE_LOST: EXIT.unavailable,
  DECODERS_MISSING: EXIT.unavailable,
  DOCTOR_FAILED: EXIT.unavailable,
  INTERNAL: EXIT.internal,
  CONFIG_INVALID: EXIT.config,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * The one error that users see: a code for programs, what happened, and what to do about it.
 * Lost data is not an error, it is a counter.
 */
export class SaccadeError extends Error {
  override readonly name = "SaccadeError";
  /** More to print below, a line each: every problem of a file. */
  readonly details: readonly string[];
  constructor(readonly code: ErrorCode, message: string, readonly remedy: string, options?: ErrorOptions & { readonly details?: readonly string[] }) {
    super(message, options);
    this.details = options?.details ?? [];
  }
  get exitCode(): number {
    return ERROR_CODES[this.code];
  }
  /** `code: what happened; what to do`, on one line. */
  get line(): string {
    return `${this.code}: ${this.message}; ${this.remedy}`.replaceAll(/\s*\n\s*/g, " ");
  }
}

/** What went wrong, on one line, whatever was thrown. */
export function lineOf(error: unknown): string {
  return error instanceof SaccadeError ? error.line : String(error);
}
