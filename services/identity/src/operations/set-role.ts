import type { Operation } from "@lyceum/service";
import { toEmailKey } from "../account.ts";
import { lockWithAdmins } from "../admin-store.ts";
import { accountNotFound } from "../errors.ts";
import { setRoles } from "../set-roles.ts";
import { findUserByEmail } from "../store.ts";

/** Makes the person with an address `user`, `moderator` or `admin`, as nobody's act: so the first admin comes to be. */
export const setRole: Operation = async ({ database, events }, [email = "", role = ""]) => {
  const found = await findUserByEmail(database.db, toEmailKey(email));
  if (!found) throw accountNotFound();
  const { id } = found.user;
  await database.transaction(async (tx) => {
    const locked = await lockWithAdmins(tx, [id]);
    const target = locked.find((user) => user.id === id);
    if (!target) throw accountNotFound();
    const admins = locked.filter(({ roles }) => roles.includes("admin"));
    const roles = role === "user" ? [] : [role];
    await setRoles({ events }, tx, { target, admins, by: { targetId: id } }, roles, new Date());
  });
  return `${found.user.email} is now ${role}. Whoever was signed in has to sign in again.`;
};
