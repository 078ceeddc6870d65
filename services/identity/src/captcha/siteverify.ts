import { Code, ConnectError } from "@connectrpc/connect";
import { captchaRequired } from "../errors.ts";
import type { Captcha } from "./captcha.ts";

/** A service that verifies CAPTCHAs in the way of hCaptcha, Turnstile and reCAPTCHA. */
export type SiteverifyOptions = {
  /** Such as `https://challenges.cloudflare.com/turnstile/v0/siteverify`. */
  readonly url: string;
  readonly secret: string;
  /** What pages show the CAPTCHA with; told to who has to solve one. */
  readonly siteKey: string;
};

const timeoutMs = 5_000;

/** Asks the service about every token (https://docs.hcaptcha.com/#verify-the-user-response-server-side). */
export function createSiteverify({ url, secret, siteKey }: SiteverifyOptions): Captcha {
  return {
    async require(token, address, signal) {
      if (token === "") throw captchaRequired(siteKey);
      const form = new URLSearchParams({ secret, response: token, ...(address === "" ? {} : { remoteip: address }) });
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      if (!(await isSolved(url, form, deadline, signal))) throw captchaRequired(siteKey);
    },
  };
}

async function isSolved(url: string, body: URLSearchParams, deadline: AbortSignal, caller: AbortSignal) {
  try {
    const res = await fetch(url, { method: "POST", body, signal: deadline, redirect: "error" });
    if (!res.ok) throw new Error(`status ${res.status}`);
    const answer = (await res.json()) as { success?: unknown } | null;
    return answer?.success === true;
  } catch (error) {
    if (caller.aborted) throw caller.reason;
    throw new ConnectError("The CAPTCHA cannot be checked now.", Code.Unavailable, undefined, undefined, error);
  }
}
