/** What can be wrong with a model file; each ends a command with exit code 65 (data) unless said otherwise. */
export type ModelErrorCode =
  | "PACKAGE_CORRUPT"
  | "PACKAGE_VERSION"
  | "PACKAGE_INVALID"
  | "NETWORK_CORRUPT"
  | "NETWORK_UNSUPPORTED"
  | "NETWORK_RANGE";

/** An error about a model, in the same three parts as the host's: code, what happened, what to do. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly exitCode = 65;
  constructor(readonly code: ModelErrorCode, message: string, readonly remedy: string, options?: ErrorOptions) {
    super(message, options);
  }
  /** `code: what happened; what to do`, on one line. */
  get line(): string {
    return `${this.code}: ${this.message}; ${this.remedy}`.replaceAll(/\s*\n\s*/g, " ");
  }
}
