/** What this tab keeps while the person is at a provider's page: which flow it began, and what for. */
export type ProviderFlow = { readonly flowToken: string; readonly purpose: "sign-in" | "link" };

const key = "lyceum.provider-flow";

/** Goes to a provider's page, which sends the person back to `/auth/callback` in this tab. */
export function goToProvider(
  { authorizationUrl, flowToken }: { authorizationUrl: string; flowToken: string },
  purpose: ProviderFlow["purpose"],
): void {
  sessionStorage.setItem(key, JSON.stringify({ flowToken, purpose }));
  location.assign(authorizationUrl);
}

/** The flow this tab began, which is good once; undefined if it began none. */
export function takeProviderFlow(): ProviderFlow | undefined {
  const kept = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  return kept === null ? undefined : (JSON.parse(kept) as ProviderFlow);
}
