// Expected failures: a file that is no recording, a busy port, a wrong option. A programmer's error is an assertion instead
// (assert.ts), and bad bytes in a stream are data, not an error of either kind.

export interface MemmapErrorOptions {
  /**
   * Stable, kebab-case, safe to test against; the message may change. Codes that begin with `usage-` say that the command
   * was wrong, all others that what it was given (file, port, stream) was.
   */
  readonly code: string;
  /** One sentence that says what the user can do about it. */
  readonly hint: string;
  readonly cause?: unknown;
}

export class MemmapError extends Error {
  override readonly name = "MemmapError";
  readonly code: string;
  readonly hint: string;

  /** @param message one sentence that says what is wrong, with the name of the thing that is */
  constructor(message: string, options: MemmapErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
  }
}
