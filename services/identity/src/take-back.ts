import type { Transaction } from "@lyceum/database";
import type { Context } from "./context.ts";
import { deleteDevices } from "./device-store.ts";
import { endApiKeys } from "./end-api-keys.ts";
import { deleteChallengesOf, deleteFactors } from "./factors/factor-store.ts";
import { dropUselessRecoveryCodes } from "./factors/recovery-code.ts";
import { deleteMailedLinks } from "./mail-store.ts";
import { endSessionsOf } from "./session.ts";

/**
 * Takes an account back from whoever has got into it, for who reads its mail: sessions, API keys, devices, sign-ins that wait for a
 * second factor, and links to a new password or address all end. So do the second factors, passkeys and providers that were added
 * since `distrusted`, if it is given.
 */
export async function takeBack(
  ctx: Context,
  tx: Transaction,
  userId: string,
  { now, distrusted }: { now: Date; distrusted: Date | undefined },
): Promise<void> {
  if (distrusted) {
    await deleteFactors(tx, userId, distrusted);
    await dropUselessRecoveryCodes(tx, userId);
  }
  await deleteMailedLinks(tx, userId, "reset-password");
  // Whoever asked for it may wait for it in a mailbox of their own.
  await deleteMailedLinks(tx, userId, "change-email");
  await deleteChallengesOf(tx, userId);
  await deleteDevices(tx, userId);
  await endSessionsOf(ctx, tx, userId, now);
  await endApiKeys(ctx, tx, { userId }, now);
}

/** Since when nothing is trusted in an account that somebody opened with an address they could not read. */
export const everything = new Date(0);
