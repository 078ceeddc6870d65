import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";

const time = (name: string) => timestamp(name, { withTimezone: true });

/** Accounts. */
export const users = pgTable(
  "users",
  {
    id: text("id").primaryKey(),
    /** As it was typed. */
    email: text("email").notNull(),
    /** As addresses compare. */
    emailKey: text("email_key").notNull().unique(),
    emailVerified: boolean("email_verified").notNull().default(false),
    /** As given at sign-up; profile owns the name from then on. */
    displayName: text("display_name").notNull(),
    /** As names at sign-up are searched; empty for accounts from before there was a search. */
    nameKey: text("name_key").notNull().default(""),
    roles: text("roles").array().notNull().default([]),
    createTime: time("create_time").notNull(),
    /** Since when its person is kept out; null for most. */
    suspendTime: time("suspend_time"),
    version: bigint("version", { mode: "number" }).notNull().default(1),
  },
  (table) => [
    index("users_by_email_beginning").on(table.emailKey.op("text_pattern_ops")),
    index("users_by_name_beginning").on(table.nameKey.op("text_pattern_ops")),
    index("users_with_roles").on(table.id).where(sql`cardinality(${table.roles}) > 0`),
    index("suspended_users").on(table.id).where(sql`${table.suspendTime} is not null`),
  ],
);

/** Passwords, apart from the accounts so that no query for an account reads a hash. */
export const passwords = pgTable("passwords", {
  userId: text("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  /** Argon2id, as a PHC string. */
  hash: text("hash").notNull(),
});

/** Signed-in devices. */
export const sessions = pgTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    userAgent: text("user_agent").notNull(),
    /** The network the sign-in came from, not its address. */
    network: text("network").notNull().default(""),
    /** How the person last proved who they are (RFC 8176). */
    amr: text("amr").array().notNull().default([]),
    /** When they did. */
    authTime: time("auth_time").notNull().defaultNow(),
    /** SHA-256 of the value of its cookie; null for a session that holds tokens. */
    cookieHash: text("cookie_hash").unique(),
    createTime: time("create_time").notNull(),
    lastSeenTime: time("last_seen_time").notNull(),
    revokeTime: time("revoke_time"),
    version: bigint("version", { mode: "number" }).notNull().default(1),
  },
  (table) => [
    index("sessions_by_user").on(table.userId, table.id),
    index("sessions_by_last_seen").on(table.lastSeenTime),
    index("sessions_by_creation").on(table.createTime),
  ],
);

/** Every refresh token a live session has had, as a hash: a used one that comes back betrays a theft. */
export const refreshTokens = pgTable(
  "refresh_tokens",
  {
    hash: text("hash").primaryKey(),
    sessionId: text("session_id")
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    /** Null while the token is its session's latest. */
    replaceTime: time("replace_time"),
    /** The HMAC key its successor was derived with. */
    successorKey: text("successor_key"),
  },
  (table) => [
    index("refresh_tokens_by_session").on(table.sessionId),
    index("refresh_tokens_by_replacement").on(table.replaceTime),
  ],
);

/** Ed25519 key pairs that sign access tokens. */
export const signingKeys = pgTable(
  "signing_keys",
  {
    /** RFC 7638 thumbprint of the public key. */
    kid: text("kid").primaryKey(),
    /** PKCS #8, PEM; sealed if it begins with `sealed:`. */
    privateKey: text("private_key").notNull(),
    /** Base64url, as the JWK's `x`. */
    publicKey: text("public_key").notNull(),
    createTime: time("create_time").notNull(),
    /** When an operator asked for its successor. */
    dueTime: time("due_time"),
    /** Since when it signs nothing new; null for the one active key. */
    retireTime: time("retire_time"),
  },
  (table) => [uniqueIndex("one_active_signing_key").on(sql`(true)`).where(sql`${table.retireTime} is null`)],
);

/** Keys by which programs act for persons. */
export const apiKeys = pgTable(
  "api_keys",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** The key's first characters, shown in lists. */
    prefix: text("prefix").notNull(),
    /** SHA-256 of the whole key, which is as random as a hash. */
    hash: text("hash").notNull().unique(),
    scopes: text("scopes").array().notNull(),
    createTime: time("create_time").notNull(),
    expireTime: time("expire_time"),
    lastUsedTime: time("last_used_time"),
    revokeTime: time("revoke_time"),
    version: bigint("version", { mode: "number" }).notNull().default(1),
  },
  (table) => [index("api_keys_by_user").on(table.userId, table.id)],
);

/** Devices on which a person has signed in, by the hash of the token that such a device presents. */
export const devices = pgTable(
  "devices",
  {
    hash: text("hash").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    lastSeenTime: time("last_seen_time").notNull(),
  },
  (table) => [
    index("devices_by_user").on(table.userId, table.lastSeenTime),
    index("devices_by_last_seen").on(table.lastSeenTime),
  ],
);

/** Failed guesses by what was guessed at or where from; they fade. */
export const guessCounts = pgTable(
  "guess_counts",
  {
    /** Such as `account:<hash of the address>` or `network:203.0.113.0/24`. */
    key: text("key").primaryKey(),
    failures: doublePrecision("failures").notNull(),
    lastTime: time("last_time").notNull(),
  },
  (table) => [index("guess_counts_by_time").on(table.lastTime)],
);

/** Links sent by mail, by the hash of their token. One that was used is gone. */
export const mailedLinks = pgTable(
  "mailed_links",
  {
    hash: text("hash").primaryKey(),
    purpose: text("purpose").$type<LinkPurpose>().notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** The address it proves or gives back. */
    email: text("email").notNull(),
    expireTime: time("expire_time").notNull(),
  },
  (table) => [
    index("mailed_links_by_user").on(table.userId, table.purpose),
    index("mailed_links_by_end").on(table.expireTime),
  ],
);

/** What a link in a mail is for. */
export type LinkPurpose = "verify-email" | "reset-password" | "change-email" | "undo-email-change";

/** Sign-ups whose address is not verified yet; taken addresses among them, which a mail tells apart. */
export const pendingSignUps = pgTable(
  "pending_sign_ups",
  {
    id: text("id").primaryKey(),
    email: text("email").notNull(),
    displayName: text("display_name").notNull(),
    passwordHash: text("password_hash").notNull(),
    /** Hash of the token in the mail; null until one is sent. */
    tokenHash: text("token_hash").unique(),
    expireTime: time("expire_time").notNull(),
  },
  (table) => [index("pending_sign_ups_by_end").on(table.expireTime)],
);

/** Codes to sign in with, by the hash of the challenge that who asked has kept; unknown addresses have one too. */
export const signInCodes = pgTable(
  "sign_in_codes",
  {
    challengeHash: text("challenge_hash").primaryKey(),
    emailKey: text("email_key").notNull(),
    /** Hash of the code, with the challenge's; null until one is sent. */
    codeHash: text("code_hash"),
    tries: integer("tries").notNull().default(0),
    expireTime: time("expire_time").notNull(),
  },
  (table) => [index("sign_in_codes_by_end").on(table.expireTime)],
);

/** What happened to accounts and who did it. Triggers refuse changes, and the deletion of what is not old: rows are only ever added. */
export const auditEvents = pgTable(
  "audit_events",
  {
    id: text("id").primaryKey(),
    time: time("time").notNull(),
    event: text("event").notNull(),
    /** Who did it; null if nobody known did. */
    actorId: text("actor_id"),
    /** Whose account it concerns; null if it concerns none. */
    targetId: text("target_id"),
    traceId: text("trace_id").notNull(),
    userAgent: text("user_agent").notNull(),
    /** The network the call came from, not its address. */
    network: text("network").notNull(),
    details: jsonb("details").$type<Readonly<Record<string, string>>>().notNull(),
  },
  (table) => [
    index("audit_events_by_time").on(table.time, table.id),
    index("audit_events_by_target").on(table.targetId, table.time, table.id),
    index("audit_events_by_actor").on(table.actorId, table.time, table.id),
    index("audit_events_by_event").on(table.event, table.time, table.id),
  ],
);

/** Authenticator apps, at most one a person. */
export const totpFactors = pgTable("totp_factors", {
  userId: text("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  /** Sealed with the service's key. */
  secret: text("secret").notNull(),
  createTime: time("create_time").notNull(),
  /** When its first code proved that the app has the secret; null until then. */
  confirmTime: time("confirm_time"),
  /** The 30-second step of the last code taken: none is taken twice, nor an older one after it. */
  lastStep: bigint("last_step", { mode: "number" }),
});

/** Recovery codes that were not used yet. */
export const recoveryCodes = pgTable(
  "recovery_codes",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** SHA-256 of the code's 80 random bits. */
    hash: text("hash").notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.hash] })],
);

/** Sign-ins that wait for a second factor. */
export const mfaChallenges = pgTable(
  "mfa_challenges",
  {
    /** SHA-256 of the challenge's token. */
    hash: text("hash").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** What was proved already. */
    amr: text("amr").array().notNull(),
    tries: integer("tries").notNull().default(0),
    expireTime: time("expire_time").notNull(),
  },
  (table) => [index("mfa_challenges_by_user").on(table.userId), index("mfa_challenges_by_end").on(table.expireTime)],
);

/** The one key that seals secrets, told by its fingerprint, once something was sealed. */
export const sealingKeys = pgTable("sealing_keys", { fingerprint: text("fingerprint").primaryKey() }, () => [
  uniqueIndex("one_sealing_key").on(sql`(true)`),
]);

/** WebAuthn credentials. */
export const passkeys = pgTable(
  "passkeys",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** As the authenticator named it, base64url. */
    credentialId: text("credential_id").notNull().unique(),
    /** COSE, base64url. */
    publicKey: text("public_key").notNull(),
    /** How often the authenticator says it was used; always 0 for those that do not count. */
    counter: bigint("counter", { mode: "number" }).notNull(),
    transports: text("transports").array().notNull(),
    backedUp: boolean("backed_up").notNull(),
    createTime: time("create_time").notNull(),
    lastUsedTime: time("last_used_time"),
  },
  (table) => [index("passkeys_by_user").on(table.userId, table.id)],
);

/** Challenges that wait for a passkey's answer. */
export const passkeyChallenges = pgTable(
  "passkey_challenges",
  {
    /** SHA-256 of the challenge. */
    hash: text("hash").primaryKey(),
    /** Who makes a passkey; null for one that is used. */
    userId: text("user_id").references(() => users.id, { onDelete: "cascade" }),
    expireTime: time("expire_time").notNull(),
  },
  (table) => [
    index("passkey_challenges_by_user").on(table.userId),
    index("passkey_challenges_by_end").on(table.expireTime),
  ],
);

/** Accounts at OpenID providers that sign in here. */
export const linkedProviders = pgTable(
  "linked_providers",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    providerId: text("provider_id").notNull(),
    /** Who issued the subject: a provider that moves to another issuer knows nobody any more. */
    issuer: text("issuer").notNull(),
    subject: text("subject").notNull(),
    linkTime: time("link_time").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.providerId] }),
    uniqueIndex("linked_provider_subjects").on(table.issuer, table.subject),
  ],
);

/** Sign-ins that are on their way at a provider. */
export const providerFlows = pgTable(
  "provider_flows",
  {
    /** SHA-256 of the flow's token, from which its state, nonce and PKCE verifier are derived. */
    hash: text("hash").primaryKey(),
    providerId: text("provider_id").notNull(),
    returnTo: text("return_to").notNull(),
    /** Who links an account; null for a sign-in. */
    userId: text("user_id").references(() => users.id, { onDelete: "cascade" }),
    expireTime: time("expire_time").notNull(),
  },
  (table) => [index("provider_flows_by_user").on(table.userId), index("provider_flows_by_end").on(table.expireTime)],
);
