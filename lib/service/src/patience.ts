import { setTimeout as sleep } from "node:timers/promises";
import { isDependencyMissing } from "@lyceum/events";
import type { Logger } from "pino";
import { StartError } from "./errors.ts";

const maxBackoffMs = 5_000;

/** Opens something this process relies on, again and again while it cannot be reached; anything else it throws is thrown. */
export type Patience = <T>(what: string, open: () => Promise<T>) => Promise<T>;

/** What hears of the waiting, and what ends it. */
export type PatienceOptions = {
  readonly log: Logger;
  readonly announce: (line: string) => void;
  /** Hears what is being waited for, all of it, whenever that changes. */
  readonly onWaiting: (names: readonly string[]) => void;
  readonly signals: readonly AbortSignal[];
};

/** A start that waits for its engines, so that an orchestrator need not start it again and again. */
export function createPatience({ log, announce, onWaiting, signals }: PatienceOptions): Patience {
  const waiting = new Set<string>();
  const signal = AbortSignal.any([...signals]);
  return async (what, open) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const opened = await open();
        if (waiting.delete(what)) onWaiting([...waiting]);
        return opened;
      } catch (error) {
        if (!isDependencyMissing(error)) throw error;
        if (!waiting.has(what)) {
          announce(`Waiting for ${what}: ${reasonOf(error)}`);
          log.warn({ err: error, engine: what }, "It cannot be reached yet; the start waits for it.");
          waiting.add(what);
          onWaiting([...waiting]);
        }
        await sleep(Math.min(maxBackoffMs, 100 * 2 ** attempt), undefined, { signal }).catch(() => {
          throw new StartError("Stopped while starting.");
        });
      }
    }
  };
}

/** The innermost cause in words: what wraps it says only which statement failed. */
export function reasonOf(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const message = cause instanceof Error ? cause.message || String((cause as { code?: unknown }).code) : String(cause);
  return message.split("\n", 1)[0]?.replace(/\.?$/, ".") as string;
}
