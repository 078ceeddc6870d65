import { type Problem, problemOf } from "@lyceum/client";

/** How the program ends. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, signedOut: 3, unreachable: 4, interrupted: 130 } as const;

/** The program was called in a way it cannot follow; the message says how it can. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Nobody is signed in to the deployment. */
export class SignedOutError extends Error {
  override readonly name = "SignedOutError";
}

/** An installation's engine cannot be used; the message says which, why, and what to do. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}

/** What has been told already: all that is left is to end with a failure. */
export class ToldError extends Error {
  override readonly name = "ToldError";
}

/** What went wrong, in words for people and in one for programs. */
export type Failure = { readonly exitCode: number; readonly message: string; readonly problem: Partial<Problem> };

/** Reads anything that a command may throw. */
export function toFailure(error: unknown, url: string): Failure {
  if (error instanceof UsageError) return ownFailure(exitCodes.usage, "USAGE", error.message);
  if (error instanceof SignedOutError) return ownFailure(exitCodes.signedOut, "SIGNED_OUT", error.message);
  if (error instanceof OperatorError) return ownFailure(exitCodes.unreachable, "ENGINE", error.message);
  if (isFileError(error)) return ownFailure(exitCodes.failed, error.code ?? "", sayFileError(error));
  const problem = problemOf(error);
  const exitCode = exitCodeOf(problem);
  return { exitCode, problem, message: [sayProblem(problem, url), sayTrace(problem)].join("") };
}

function ownFailure(exitCode: number, reason: string, message: string): Failure {
  return { exitCode, message, problem: { code: "failed_precondition", reason, message } };
}

function exitCodeOf({ code, reason }: Problem): number {
  if (code === "unauthenticated") return reason === "INVALID_CREDENTIALS" ? exitCodes.failed : exitCodes.signedOut;
  return code === "unavailable" ? exitCodes.unreachable : exitCodes.failed;
}

function sayProblem({ code, reason, message, violations }: Problem, url: string): string {
  if (reason === "UNREACHABLE") {
    return `No Lyceum answers at ${url}. Start it with \`npm start\`, or name another with --url.`;
  }
  if (code === "unauthenticated" && reason !== "INVALID_CREDENTIALS") {
    return `The session has ended. Sign in again: lyceum sign-in --url ${url}`;
  }
  if (violations.length === 0) return message;
  return violations.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join("\n");
}

function sayTrace({ code, traceId }: Problem): string {
  // Only what an operator would look up in the log.
  return traceId && (code === "internal" || code === "unavailable") ? ` (trace ${traceId})` : "";
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "path" in error;
}

function sayFileError({ code, path, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return `${path}: there is no such file.`;
  if (code === "EACCES") return `${path}: it may not be read.`;
  return message;
}
