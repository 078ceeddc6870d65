import { join } from "node:path";
import pino, { type DestinationStream, type Logger } from "pino";

/** A log, and its end. */
export type OpenLog = Disposable & { readonly log: Logger };

/** JSON lines on stderr, or in `lyceum.log` of a folder. */
export function openLog(level: string, folder: string | undefined): OpenLog {
  const destination = pino.destination(
    folder === undefined ? { dest: 2, sync: true } : { dest: join(folder, "lyceum.log"), sync: false, minLength: 0 },
  );
  // A full disk must not end the process.
  destination.on("error", () => {});
  return {
    log: createLog(level, destination),
    [Symbol.dispose]: () => {
      try {
        destination.flushSync();
      } catch {
        // Nothing was written yet.
      }
      if (folder !== undefined) destination.end();
    },
  };
}

export function createLog(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    destination,
  );
}

type Described = { type: string; code?: unknown; message: string; at: string[]; cause?: Described };

/** An error without what it may carry of people's data: statements' parameters, rows, bodies. */
export function describeError(error: unknown, depth = 0): Described {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error).slice(0, 500), at: [] };
  const statement = "query" in error && typeof error.query === "string" ? error.query : undefined;
  return {
    type: error.name,
    ...("code" in error ? { code: error.code } : {}),
    message: statement === undefined ? error.message : `Failed statement: ${statement.slice(0, 500)}`,
    at: (error.stack ?? "")
      .split("\n")
      .filter((line) => line.startsWith("    at "))
      .slice(0, 12)
      .map((line) => line.trim()),
    ...(error.cause === undefined || depth > 4 ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}
