import { lastAdmin, roleTooLow } from "./errors.ts";

/** What the rules of administration look at in an account. */
export type Standing = {
  readonly id: string;
  readonly roles: readonly string[];
  readonly suspendTime: Date | null;
};

/** True for who may do what only admins may. */
export function isActiveAdmin({ roles, suspendTime }: Standing): boolean {
  return suspendTime === null && roles.includes("admin");
}

/** Admins act on everybody, moderators on people without a role. Throws `permission_denied ROLE_TOO_LOW` for anybody else. */
export function requireAuthority(actor: Standing, target: Standing): void {
  if (isActiveAdmin(actor)) return;
  const isModerator = actor.suspendTime === null && actor.roles.includes("moderator");
  if (!isModerator || target.roles.length > 0) throw roleTooLow();
}

/** Throws `failed_precondition LAST_ADMIN` if nobody of `admins` but `target` could administer. */
export function requireAnotherAdmin(target: Standing, admins: readonly Standing[]): void {
  if (!isActiveAdmin(target)) return;
  if (!admins.some((admin) => admin.id !== target.id && isActiveAdmin(admin))) throw lastAdmin();
}
