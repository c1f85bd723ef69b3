/** @file Errors a user can act on, and the exit code each one ends the process with. */

/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  failure: 1,
  usage: 2,
  fail: 3,
  insufficient: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * An expected failure. The message is one line (or one line per problem) that names the thing, what was expected,
 * what came, and what to do. Anything else that is thrown is a bug and keeps its stack.
 */
export class EquiclipError extends Error {
  override name = "EquiclipError";
  readonly exitCode: ExitCode;
  constructor(message: string, exitCode: ExitCode = EXIT.failure, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Wrong arguments, config or input layout: exit 2. */
export class UsageError extends EquiclipError {
  override name = "UsageError";
  constructor(message: string, options?: ErrorOptions) {
    super(message, EXIT.usage, options);
  }
}

/** Stopped by Ctrl-C or SIGTERM; what was done is saved and can be resumed: exit 130. */
export class InterruptedError extends EquiclipError {
  override name = "InterruptedError";
  constructor(message: string) {
    super(message, EXIT.interrupted);
  }
}

/** The message of anything thrown, for embedding in another error's line. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
