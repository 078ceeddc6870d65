import { isIP } from "node:net";
import { z } from "zod";

const list = (text: string) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
const isOrigin = (text: string) => /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
const isNetwork = (text: string) => {
  const [address = "", bits = "0", ...rest] = text.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
};

const originsMessage = "must be origins such as https://app.example.org, separated by commas";
const networksMessage = "must be addresses or networks such as 10.0.0.0/8, separated by commas";
const limitMessage = "must be a number of calls a minute, or 0 for no limit";

const networks = z
  .string()
  .transform(list)
  .refine((parts) => parts.every(isNetwork), networksMessage);
const perMinute = (calls: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, limitMessage)
    .transform(Number)
    .default(calls);

/** The gateway's variables. */
export const gatewayConfig = z
  .object({
    LYCEUM_ALLOWED_ORIGINS: z
      .string()
      .transform(list)
      .refine((origins) => origins.every(isOrigin), originsMessage)
      .default([]),
    FILES_ORIGIN: z.string().refine(isOrigin, "must be an origin such as https://files.example.org").optional(),
    GATEWAY_TRUSTED_PROXIES: networks.default([]),
    GATEWAY_RATE_LIMIT_USER: perMinute(12_000),
    GATEWAY_RATE_LIMIT_ADDRESS: perMinute(6_000),
    GATEWAY_RATE_LIMIT_SIGN_IN: perMinute(600),
    GATEWAY_RATE_LIMIT_EXEMPT: z
      .union([z.literal("none").transform(() => []), networks])
      .default(["127.0.0.0/8", "::1"]),
  })
  .transform((env) => ({
    /** Other sites whose pages may call. */
    allowedOrigins: env.LYCEUM_ALLOWED_ORIGINS,
    /** Where people's files are shown, apart from the page and the API. */
    filesOrigin: env.FILES_ORIGIN,
    /** Networks of the proxies in front, whose `X-Forwarded-For` is believed. */
    trustedProxies: env.GATEWAY_TRUSTED_PROXIES,
    rateLimits: {
      /** Calls a minute of one person; 0 is no limit, as for the others. */
      userPerMinute: env.GATEWAY_RATE_LIMIT_USER,
      /** Calls a minute from one address by whoever has not signed in. */
      addressPerMinute: env.GATEWAY_RATE_LIMIT_ADDRESS,
      /** Of those, the ones that sign in or up, or try a secret in another way. */
      signInPerMinute: env.GATEWAY_RATE_LIMIT_SIGN_IN,
      /** Networks whose calls are not counted. */
      exempt: env.GATEWAY_RATE_LIMIT_EXEMPT,
    },
  }));

export type GatewayConfig = z.infer<typeof gatewayConfig>;
