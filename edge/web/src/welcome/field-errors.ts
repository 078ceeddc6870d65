import { problemOf } from "@lyceum/client";

/** What is wrong with each field of a form of the account, in words for people; empty where it is no field's fault. */
export function fieldErrors(error: unknown): Partial<Record<string, string>> {
  const { reason, message, violations } = problemOf(error);
  if (reason === "EMAIL_TAKEN") return { email: message };
  if (reason === "PASSWORD_TOO_WEAK") return { password: message };
  return Object.fromEntries(violations.map(({ field, rule, message }) => [field, sayRule(field, rule) ?? message]));
}

function sayRule(field: string, rule: string): string | undefined {
  if (field === "email" || field === "newEmail") return "This is not an e-mail address.";
  if (rule === "string.min_len")
    return /^(newP|p)assword$/.test(field) ? "At least 8 characters, please." : "Please fill this in.";
  return rule === "string.max_len" ? "This is too long." : undefined;
}
