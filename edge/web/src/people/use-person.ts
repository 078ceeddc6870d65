import { useEffect } from "react";
import { useApp } from "../app/app-context.tsx";
import { useSelected, useStore } from "../app/store.ts";
import type { Person } from "./people.ts";

/** How somebody is shown; undefined until it is known. */
export function usePerson(userId: string): Person | undefined {
  const { people } = useApp();
  useEffect(() => people.need([userId]), [people, userId]);
  return useSelected(people.known, (known) => known.get(userId));
}

/** The names of several people, in their order; those not known yet are left out. */
export function useNames(userIds: readonly string[]): string[] {
  const { people } = useApp();
  const known = useStore(people.known);
  const wanted = userIds.join(" ");
  useEffect(() => people.need(wanted.split(" ")), [people, wanted]);
  return userIds.flatMap((id) => known.get(id)?.name ?? []);
}
