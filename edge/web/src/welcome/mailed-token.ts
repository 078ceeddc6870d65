/**
 * The token of the mailed link that this page was opened by. Taken as this file loads: React may throw a first render away, and the
 * address holds the token only once.
 */
export const mailedToken = takeToken();

/** The token after the `#`, which goes out of the address so that no history keeps it. */
function takeToken(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  history.replaceState(history.state, "", location.pathname);
  return token;
}
