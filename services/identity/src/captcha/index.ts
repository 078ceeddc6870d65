import type { Captcha } from "./captcha.ts";
import { createSiteverify, type SiteverifyOptions } from "./siteverify.ts";

export type { Captcha } from "./captcha.ts";

/** What tells people from programs; nothing by default. */
export type CaptchaSettings = { readonly provider: "none" } | ({ readonly provider: "siteverify" } & SiteverifyOptions);

/** Makes what tells people from programs; without a service it takes everybody for a person. */
export function createCaptcha(settings: CaptchaSettings): Captcha {
  return settings.provider === "siteverify" ? createSiteverify(settings) : { require: async () => {} };
}
