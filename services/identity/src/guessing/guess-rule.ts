/** How many guesses are let through, and how the wait between them grows. */
export type GuessRule = {
  /** Failures without a wait. */
  readonly free: number;
  /** The wait after the last free failure; it doubles with each further one. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Failures fade evenly within this time. */
  readonly fadeMs: number;
};

/** Failures counted until `lastTime`, already faded by then. */
export type GuessCount = { readonly failures: number; readonly lastTime: Date };

/** One account, or one known device of its owner: 10 guesses in the first 15 minutes, fewer later (figures, F11). */
export const accountRule: GuessRule = {
  free: 5,
  firstWaitMs: 16_000,
  longestWaitMs: 3_600_000,
  fadeMs: 24 * 3_600_000,
};

/** Everybody in one network: some 100 failures in 15 minutes, so that one password cannot be tried on many accounts. */
export const networkRule: GuessRule = { free: 100, firstWaitMs: 5_000, longestWaitMs: 300_000, fadeMs: 900_000 };

/** Mails asked for from one network: as many as a school needs on its first day. */
export const networkMailRule: GuessRule = { free: 1_000, firstWaitMs: 5_000, longestWaitMs: 300_000, fadeMs: 900_000 };

/** Mails asked for one address: 3 at once, then ever fewer. */
export const mailRule: GuessRule = { free: 3, firstWaitMs: 30_000, longestWaitMs: 3_600_000, fadeMs: 24 * 3_600_000 };

/** Failures noted one by one in the audit log: 20 at once, then about one an hour. */
export const failureNoteRule: GuessRule = {
  free: 20,
  firstWaitMs: 600_000,
  longestWaitMs: 3_600_000,
  fadeMs: 24 * 3_600_000,
};

/** The failures that still count at `now`. */
export function fadedFailures(count: GuessCount | undefined, rule: GuessRule, now: Date): number {
  if (!count) return 0;
  const share = Math.max(0, now.getTime() - count.lastTime.getTime()) / rule.fadeMs;
  return count.failures * Math.max(0, 1 - share);
}

/** How long the next guess has to wait at `now`; 0 if it may be made. */
export function waitBeforeGuess(count: GuessCount | undefined, rule: GuessRule, now: Date): number {
  const failures = fadedFailures(count, rule, now);
  // They fade from the first moment on: a little less than `free` is not one fewer.
  if (!count || failures < rule.free - 0.5) return 0;
  const waitMs = Math.min(rule.longestWaitMs, rule.firstWaitMs * 2 ** Math.max(0, failures - rule.free));
  return Math.max(0, count.lastTime.getTime() + waitMs - now.getTime());
}

/** The count after one more failure at `now`. */
export function countFailure(count: GuessCount | undefined, rule: GuessRule, now: Date): GuessCount {
  return { failures: fadedFailures(count, rule, now) + 1, lastTime: now };
}
