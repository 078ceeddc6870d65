import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import type { Database } from "@lyceum/database";
import { tooBusy, tooManyAttempts } from "../errors.ts";
import { createKeyedGate } from "../keyed-gate.ts";
import {
  accountRule,
  countFailure,
  type GuessCount,
  type GuessRule,
  networkRule,
  waitBeforeGuess,
} from "./guess-rule.ts";
import { addFailure, findGuessCounts, giveGuessBack, replaceGuessCount } from "./guess-store.ts";

/** Where a guess comes from and what it is about. */
export type Guess = {
  /** What is guessed at, such as an address in the form in which addresses compare; it need not exist. */
  readonly subject: string;
  /** The caller's network; empty if it is not known, and then it is not limited. */
  readonly network: string;
  /** Names a device on which the owner of the account has signed in before: it has a limit of its own, apart from strangers'. */
  readonly device: string | undefined;
  readonly signal: AbortSignal;
};

/** Keeps people from trying out passwords and codes. */
export type GuessGuard = {
  /**
   * Runs `check`, which answers undefined for a wrong guess. Throws `resource_exhausted TOO_MANY_ATTEMPTS` without running it
   * where too many have failed before, whether or not what is guessed at exists.
   */
  guess<T>(guess: Guess, check: () => Promise<T | undefined>): Promise<T | undefined>;
  /** Counts what may not be done often, such as sending a mail. Answers how long it has to wait, and then it was not counted; else 0. */
  count(key: string, rule: GuessRule): Promise<number>;
};

type Counted = { readonly counted: GuessCount; readonly before: GuessCount | undefined };

/**
 * Makes a guard that counts in the database, for all replicas together. Guesses at one subject wait for one another in this
 * process, so that right ones made at once are never taken for failures of each other.
 */
export function createGuessGuard(database: Database, inFlightPerNetwork = 2 * availableParallelism() + 4): GuessGuard {
  const { db } = database;
  const bySubject = createKeyedGate({ inFlight: 1, waiting: 200, refuse: tooBusy });
  // What runs has not failed yet, so this is how far a network's count can be overshot.
  const byNetwork = createKeyedGate({ inFlight: inFlightPerNetwork, waiting: 10_000, refuse: tooBusy });

  /** Counts a failure ahead, so that guesses made at once on several replicas cannot slip through together. */
  async function reserve(
    key: string,
    rule: GuessRule,
    network: string | undefined,
  ): Promise<Counted | { readonly waitMs: number }> {
    for (;;) {
      const now = new Date();
      const counts = await findGuessCounts(db, network === undefined ? [key] : [key, network]);
      const before = counts.get(key);
      const waitMs = Math.max(
        waitBeforeGuess(before, rule, now),
        network === undefined ? 0 : waitBeforeGuess(counts.get(network), networkRule, now),
      );
      if (waitMs > 0) return { waitMs };
      const counted = countFailure(before, rule, now);
      if (await replaceGuessCount(db, key, before, counted)) return { counted, before };
    }
  }

  async function run<T>(key: string, network: string | undefined, check: () => Promise<T | undefined>) {
    const reserved = await reserve(key, accountRule, network);
    if ("waitMs" in reserved) throw tooManyAttempts(reserved.waitMs);
    const { counted, before } = reserved;
    let found: T | undefined;
    try {
      found = await check();
    } catch (error) {
      // It was not judged: neither right nor wrong.
      await giveGuessBack(db, key, counted, before);
      throw error;
    }
    if (found !== undefined) await giveGuessBack(db, key, counted, before);
    else if (network !== undefined) await addFailure(db, network, networkRule, new Date());
    return found;
  }

  return {
    guess({ subject, network, device, signal }, check) {
      const key = device === undefined ? `account:${digest(subject)}` : `device:${digest(`${device} ${subject}`)}`;
      const limited = device === undefined && network !== "" ? `network:${network}` : undefined;
      const turn = () => run(key, limited, check);
      return bySubject.run(key, limited === undefined ? turn : () => byNetwork.run(limited, turn, signal), signal);
    },
    async count(key, rule) {
      const reserved = await reserve(`count:${digest(key)}`, rule, undefined);
      return "waitMs" in reserved ? reserved.waitMs : 0;
    },
  };
}

/** What strangers type is not kept as they typed it. */
function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
