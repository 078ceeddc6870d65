/** The SQLSTATE of an error, looked for along its causes, since Drizzle wraps what the driver threw. */
export function sqlStateOf(error: unknown): string | undefined {
  // Every SQLSTATE has a digit; EPIPE has none.
  return findCause(error, (cause) => /^(?=.*\d)[0-9A-Z]{5}$/.test(String(cause.code ?? "")))?.code as
    | string
    | undefined;
}

/** Whether a unique constraint refused the statement; with `constraint`, whether it was that one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const cause = findCause(error, ({ code }) => code === "23505");
  return cause !== undefined && (constraint === undefined || cause.constraint_name === constraint);
}

/** Whether running the same transaction again may succeed: serialization failure or deadlock. */
export function isRetryable(error: unknown): boolean {
  return ["40001", "40P01"].includes(sqlStateOf(error) ?? "");
}

const connectionCodes = new Set([
  ...["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "CONNECTION_ENDED", "CONNECT_TIMEOUT"],
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ETIMEDOUT"],
]);

/** Whether Postgres could not be reached, or is starting, stopping or out of connections: nothing is wrong with the statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined && /^(08|53|57P)/.test(state)) return true;
  // A Unix socket that is not there is no file that is missing.
  const isMissingSocket = ({ code, syscall }: Cause) => code === "ENOENT" && syscall === "connect";
  return findCause(error, (cause) => connectionCodes.has(String(cause.code)) || isMissingSocket(cause)) !== undefined;
}

type Cause = { code?: unknown; syscall?: unknown; constraint_name?: unknown; cause?: unknown };

function findCause(error: unknown, matches: (cause: Cause) => boolean): Cause | undefined {
  let cause = error as Cause | undefined;
  for (let depth = 0; depth < 8 && typeof cause === "object" && cause !== null; depth += 1) {
    if (matches(cause)) return cause;
    cause = cause.cause as Cause | undefined;
  }
  return undefined;
}
