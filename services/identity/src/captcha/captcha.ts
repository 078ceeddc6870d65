/** Tells people from programs. */
export interface Captcha {
  /**
   * Returns for a token that a solved CAPTCHA gave, once. Throws `failed_precondition CAPTCHA_REQUIRED` for any other, and
   * `unavailable` where nobody can tell. `address` is the caller's, or empty.
   */
  require(token: string, address: string, signal: AbortSignal): Promise<void>;
}
