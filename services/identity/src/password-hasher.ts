import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { hash, parseOptions } from "@node-rs/argon2";
import { tooBusy } from "./errors.ts";
import { openHashThreads } from "./hashing/hash-threads.ts";
import { createWorkGate } from "./work-gate.ts";

/** Hashes passwords with argon2id (RFC 9106) in threads. Throws `resource_exhausted TOO_BUSY` when too many wait. */
export interface PasswordHasher extends AsyncDisposable {
  /** The password's salted hash, as a PHC string. */
  hash(password: string, signal: AbortSignal): Promise<string>;
  /** True if `password` made `stored`. Without a stored hash it is false, after the same work. */
  verify(stored: string | undefined, password: string, signal: AbortSignal): Promise<boolean>;
  /** True if `stored` was made at another cost than today's: at the next chance the password is to be hashed anew. */
  isOutdated(stored: string): boolean;
}

/** Makes a hasher that by default uses all cores where its threads give way to everything else, and all but one elsewhere. */
export async function createPasswordHasher(
  inFlight: number = Math.max(1, availableParallelism() - (process.platform === "linux" ? 0 : 1)),
  // At 11–17 ms a hash, the last in line waits about 3 s.
  waiting: number = 200 * inFlight,
): Promise<PasswordHasher> {
  const gate = createWorkGate({ inFlight, waiting, refuse: tooBusy });
  const threads = openHashThreads();
  const dummy = await hash(randomBytes(32), cost);
  return {
    hash: (password, signal) =>
      gate.run(async () => String(await threads.run({ password: toBytes(password), stored: undefined, cost })), signal),
    verify: (stored, password, signal) =>
      gate.run(async () => {
        const matches = await threads.run({ password: toBytes(password), stored: stored ?? dummy, cost });
        return matches === true && stored !== undefined;
      }, signal),
    isOutdated: (stored) => {
      const { memoryCost, timeCost, parallelism } = parseOptions(stored);
      return memoryCost !== cost.memoryCost || timeCost !== cost.timeCost || parallelism !== cost.parallelism;
    },
    [Symbol.asyncDispose]: () => threads[Symbol.asyncDispose](),
  };
}

// OWASP's first recommendation for argon2id, the library's default algorithm.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

// One password typed on two keyboards may differ in bytes (NIST SP 800-63B, 5.1.1.2).
const toBytes = (password: string) => Buffer.from(password.normalize("NFKC"));
