import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { hash, parseOptions, verify } from "@node-rs/argon2";
import { tooBusy } from "./errors.ts";
import { createWorkGate } from "./work-gate.ts";

/** Hashes passwords with argon2id (RFC 9106) on the thread pool. Throws `resource_exhausted TOO_BUSY` when too many wait. */
export interface PasswordHasher {
  /** The password's salted hash, as a PHC string. */
  hash(password: string, signal: AbortSignal): Promise<string>;
  /** True if `password` made `stored`. Without a stored hash it is false, after the same work. */
  verify(stored: string | undefined, password: string, signal: AbortSignal): Promise<boolean>;
  /** True if `stored` was made at another cost than today's: at the next chance the password is to be hashed anew. */
  isOutdated(stored: string): boolean;
}

/** Makes a hasher that by default leaves one core to everything else, unless there is only one. */
export async function createPasswordHasher(
  inFlight: number = Math.max(1, availableParallelism() - 1),
  // At 11–17 ms a hash, the last in line waits about 3 s.
  waiting: number = 200 * inFlight,
): Promise<PasswordHasher> {
  const gate = createWorkGate({ inFlight, waiting, refuse: tooBusy });
  const dummy = await hash(randomBytes(32), cost);
  return {
    hash: (password, signal) => gate.run(() => hash(toBytes(password), cost), signal),
    verify: (stored, password, signal) =>
      gate.run(async () => {
        const matches = await verify(stored ?? dummy, toBytes(password));
        return matches && stored !== undefined;
      }, signal),
    isOutdated: (stored) => {
      const { memoryCost, timeCost, parallelism } = parseOptions(stored);
      return memoryCost !== cost.memoryCost || timeCost !== cost.timeCost || parallelism !== cost.parallelism;
    },
  };
}

// OWASP's first recommendation for argon2id, the library's default algorithm.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

// One password typed on two keyboards may differ in bytes (NIST SP 800-63B, 5.1.1.2).
const toBytes = (password: string) => Buffer.from(password.normalize("NFKC"));
