import type { AuditEvent } from "@lyceum/client";

const sentences: Readonly<Record<string, string>> = {
  "signed-up": "Account made",
  "signed-in": "Signed in",
  "sign-in-failed": "A sign-in failed",
  "reauthentication-failed": "A proof of who calls failed",
  "signed-out": "Signed out",
  "session-revoked": "A session was ended",
  "refresh-token-reused": "A session was ended because its token was used twice",
  "password-changed": "Password changed",
  "password-reset-requested": "A mail to replace the password was asked for",
  "password-reset": "Forgotten password replaced",
  "email-verified": "E-mail address confirmed",
  "email-change-requested": "Another e-mail address was asked for",
  "email-changed": "E-mail address changed",
  "factor-added": "Second factor added",
  "factor-removed": "Second factor taken away",
  "recovery-codes-made": "New recovery codes made",
  "recovery-code-used": "A recovery code was used",
  "provider-linked": "Sign-in by another provider added",
  "provider-unlinked": "Sign-in by another provider taken away",
  "api-key-made": "API key made",
  "api-key-revoked": "API key revoked",
  "roles-changed": "Roles changed",
  "user-suspended": "Account suspended",
  "user-restored": "Account restored",
  "signing-key-rotated": "Signing key replaced",
};

/** The events there are words for, to choose from. */
export const knownEvents: readonly { value: string; label: string }[] = Object.entries(sentences).map(
  ([value, label]) => ({ value, label }),
);

/** An event of the audit log in words; one that is not known yet by its name. */
export function sayEvent({ event, details }: Pick<AuditEvent, "event" | "details">): string {
  const sentence = Object.hasOwn(sentences, event) ? sentences[event] : undefined;
  if (!sentence) return event.replaceAll("-", " ");
  if (event === "roles-changed") return `Roles changed to ${details.after || "none"}`;
  const { method, secondFactor, factor } = details;
  const how = [factor ?? method, secondFactor].filter(Boolean).join(" and ");
  return how ? `${sentence}: ${how}` : sentence;
}
