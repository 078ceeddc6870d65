const key = "lyceum.sign-in-code";

/** Keeps the challenge of the code that was asked for last, for the tab that the link in its mail opens. */
export function keepAsked(challenge: string): void {
  localStorage.setItem(key, challenge);
}

/** The challenge of the code that this browser asked for; undefined if it asked for none. */
export function findAsked(): string | undefined {
  return localStorage.getItem(key) ?? undefined;
}

/** Forgets a challenge that is used up. */
export function forgetAsked(): void {
  localStorage.removeItem(key);
}
