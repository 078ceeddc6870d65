import { z } from "zod";
import type { CaptchaSettings } from "./captcha/index.ts";
import type { MailSettings } from "./mail/index.ts";

const mailbox = /^(?:[^<>\p{Cc}]+<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/u;

const providersMessage = "must be a JSON list of {id, name, issuer, clientId, clientSecret}";
const isIssuer = (text: string) =>
  URL.canParse(text) && /^(?:https:|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$))/.test(text);
const provider = z.strictObject(
  {
    id: z.string().regex(/^[a-z0-9-]{1,32}$/, "must be lower-case letters, digits and dashes"),
    name: z.string().min(1).max(80),
    issuer: z.string().refine(isIssuer, "must be an https URL, or one on this machine"),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1).optional(),
    scope: z.string().default("openid email profile"),
  },
  { error: providersMessage },
);

/** What identity reads from the environment. */
export const config = z
  .object({
    IDENTITY_SEALING_KEY: z
      .string()
      .refine((text) => Buffer.from(text, "base64").length === 32, "must be 32 bytes in base64")
      .optional(),
    // The database refuses to forget what is younger than 30 days.
    IDENTITY_AUDIT_KEPT_DAYS: z.coerce.number().int().min(30).max(3_650).default(365),
    IDENTITY_SIGNING_KEY_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
    IDENTITY_PROVIDERS: z
      .string()
      .transform((text, check) => {
        try {
          return JSON.parse(text);
        } catch {
          check.addIssue({ code: "custom", message: providersMessage });
          return z.NEVER;
        }
      })
      .pipe(z.array(provider, { error: providersMessage }))
      .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, "must name each provider once")
      .default([]),
    IDENTITY_SMTP_URL: z.url({ protocol: /^smtps?$/, error: "must be an smtp:// or smtps:// URL" }).optional(),
    IDENTITY_MAIL_FROM: z
      .string()
      .regex(mailbox, "must be an address, such as Lyceum <no-reply@example.org>")
      .optional(),
    IDENTITY_EMAIL_VERIFICATION: z
      .enum(["optional", "required"], { error: "must be optional or required" })
      .default("optional"),
    IDENTITY_CAPTCHA_URL: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(),
    IDENTITY_CAPTCHA_SECRET: z.string().optional(),
    IDENTITY_CAPTCHA_SITE_KEY: z.string().optional(),
  })
  .refine((env) => !env.IDENTITY_CAPTCHA_URL === !env.IDENTITY_CAPTCHA_SECRET, {
    path: ["IDENTITY_CAPTCHA_SECRET"],
    error: "and IDENTITY_CAPTCHA_URL are set together or not at all",
  })
  .transform((env) => ({
    /** Seals secrets that identity must be able to read again; undefined for a key of its own, kept in its folder. */
    sealingKey: env.IDENTITY_SEALING_KEY,
    /** How long entries of the audit log are kept. */
    auditKeptDays: env.IDENTITY_AUDIT_KEPT_DAYS,
    /** How long a key signs access tokens before the next one does. */
    signingKeyMaxAgeMs: env.IDENTITY_SIGNING_KEY_DAYS * 86_400_000,
    /** Who else can tell who a person is. */
    providers: env.IDENTITY_PROVIDERS,
    /** True if an account begins only once its address is verified. */
    mustVerifyEmail: env.IDENTITY_EMAIL_VERIFICATION === "required",
    mail: readMail(env),
    captcha: readCaptcha(env),
  }));

/** How mails leave, with their sender where one is named. */
function readMail(env: {
  IDENTITY_SMTP_URL?: string | undefined;
  IDENTITY_MAIL_FROM?: string | undefined;
}): (publicUrl: string) => MailSettings {
  const { IDENTITY_SMTP_URL: url, IDENTITY_MAIL_FROM: from } = env;
  if (!url) return () => ({ provider: "outbox" });
  return (publicUrl) => ({ provider: "smtp", url, from: from ?? `Lyceum <no-reply@${new URL(publicUrl).hostname}>` });
}

function readCaptcha(env: CaptchaVariables): CaptchaSettings {
  const { IDENTITY_CAPTCHA_URL: url, IDENTITY_CAPTCHA_SECRET: secret, IDENTITY_CAPTCHA_SITE_KEY: siteKey = "" } = env;
  return url && secret ? { provider: "siteverify", url, secret, siteKey } : { provider: "none" };
}

type CaptchaVariables = {
  readonly IDENTITY_CAPTCHA_URL?: string | undefined;
  readonly IDENTITY_CAPTCHA_SECRET?: string | undefined;
  readonly IDENTITY_CAPTCHA_SITE_KEY?: string | undefined;
};
