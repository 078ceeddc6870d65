/**
 * The path of our own that `text` names; undefined for anything that could lead a browser elsewhere, or is no plain path.
 */
export function readReturnTo(text: string): string | undefined {
  if (text === "") return "/";
  // One slash, then printable ASCII without the backslash, which browsers take for a slash.
  if (!/^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/.test(text)) return undefined;
  const base = "https://lyceum.invalid";
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  // Dots that fold away may leave two slashes at the beginning, which name a host.
  return url?.origin === base && !url.pathname.startsWith("//") ? text : undefined;
}
