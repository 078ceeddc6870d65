/** Which part of the account page is shown; how one appears if absent. */
export type AccountSearch = { part?: "security" | "keys" | "history" };

export function readAccountSearch({ part }: Record<string, unknown>): AccountSearch {
  return part === "security" || part === "keys" || part === "history" ? { part } : {};
}
