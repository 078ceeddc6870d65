import type { Operation } from "@lyceum/service";
import { requestRotation } from "../store.ts";

/** Asks the running identity to sign with a new key, which it does within seconds, or at its next start. */
export const rotateSigningKey: Operation = async ({ database }) => {
  await requestRotation(database.db, new Date());
  return "A running identity signs with a new key within seconds; one that does not run, when it starts.";
};
