import type { AuditEventName } from "../audit.ts";

/** What a person can add to their account or take from it that lets somebody in, in the words of the audit log and of a mail. */
export const securityChanges = {
  "app-added": ["factor-added", "An authenticator app was added"],
  "app-removed": ["factor-removed", "The authenticator app was removed"],
  "passkey-added": ["factor-added", "A passkey was added"],
  "passkey-removed": ["factor-removed", "A passkey was removed"],
  "recovery-codes-made": ["recovery-codes-made", "New recovery codes were made"],
  "provider-linked": ["provider-linked", "A sign-in provider was linked"],
  "provider-unlinked": ["provider-unlinked", "A sign-in provider was unlinked"],
  "api-key-made": ["api-key-made", "An API key was made"],
  "api-key-revoked": ["api-key-revoked", "An API key was revoked"],
} as const satisfies Record<string, readonly [AuditEventName, string]>;

/** One of the changes that an account's owner is told of. */
export type SecurityChange = keyof typeof securityChanges;
