import { type Database, isUniqueViolation, type Transaction } from "@lyceum/database";
import { toEmailKey } from "./account.ts";
import { invalidLink } from "./errors.ts";
import { lockUser } from "./factors/factor-store.ts";
import { setEmail, type UserRow } from "./store.ts";

/** Gives an account another address, proven by the link that led here. Throws `invalid_argument INVALID_LINK` if it is taken by now. */
export async function moveEmail(
  database: Database,
  tx: Transaction,
  userId: string,
  email: string,
): Promise<{ user: UserRow; oldEmail: string }> {
  const before = await lockUser(tx, userId);
  if (!before) throw invalidLink();
  try {
    const move = (inner: Transaction) => setEmail(inner, userId, email, toEmailKey(email));
    return { user: await database.savepoint(tx, move), oldEmail: before.email };
  } catch (error) {
    throw isUniqueViolation(error) ? invalidLink() : error;
  }
}
