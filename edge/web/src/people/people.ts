import type { Lyceum, Profile } from "@lyceum/client";
import { createStore, type Store } from "../app/store.ts";

/** How somebody is shown. */
export type Person = {
  readonly name: string;
  /** Where the picture is fetched; empty if there is none. */
  readonly avatarUrl: string;
};

/** Who stands behind the ids, fetched once for the tab and many at a time. */
export type People = {
  readonly known: Store<ReadonlyMap<string, Person>>;
  /** Fetches those who are not known yet. */
  need(userIds: readonly string[]): void;
  /** Takes what was fetched elsewhere. */
  learn(profiles: readonly Profile[]): void;
  clear(): void;
};

/** The sender of what the assistant says. */
export const assistantId = "assistant";

const assistant: ReadonlyMap<string, Person> = new Map([[assistantId, { name: "Assistant", avatarUrl: "" }]]);
const batchSize = 250;

export function createPeople(lyceum: Lyceum): People {
  const known = createStore(assistant);
  const asked = new Set<string>([assistantId]);
  let waiting: string[] = [];

  async function fetchWaiting(): Promise<void> {
    const userIds = waiting.splice(0, batchSize);
    if (waiting.length > 0) queueMicrotask(fetchWaiting);
    try {
      const { profiles } = await lyceum.profile.batchGetProfiles({ userIds });
      known.set((people) => new Map([...people, ...userIds.map((id) => [id, gone] as const)]));
      learn(profiles);
    } catch {
      // Whoever needs them next asks again.
      for (const id of userIds) asked.delete(id);
    }
  }

  function learn(profiles: readonly Profile[]): void {
    for (const { userId } of profiles) asked.add(userId);
    known.set(
      (people) => new Map([...people, ...profiles.map((profile) => [profile.userId, toPerson(profile)] as const)]),
    );
  }

  return {
    known,
    learn,
    need(userIds) {
      const fresh = userIds.filter((id) => id !== "" && !asked.has(id));
      if (fresh.length === 0) return;
      for (const id of fresh) asked.add(id);
      if (waiting.length === 0) queueMicrotask(fetchWaiting);
      waiting = [...waiting, ...fresh];
    },
    clear() {
      asked.clear();
      asked.add(assistantId);
      waiting = [];
      known.set(() => assistant);
    },
  };
}

const toPerson = ({ displayName, avatarUrl }: Profile): Person => ({ name: displayName, avatarUrl });

/** Somebody whose account is no more, or who is not to be found. */
const gone: Person = { name: "Former member", avatarUrl: "" };
