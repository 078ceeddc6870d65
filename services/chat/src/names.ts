import type { CallOptions } from "@connectrpc/connect";
import { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import type { Clients } from "@lyceum/service";

/** The names people go by, asked of profile and remembered until they change. */
export type Names = {
  /** The names of those who exist. Throws what profile answers. */
  find(userIds: readonly string[], options: CallOptions): Promise<ReadonlyMap<string, string>>;
  /** The person may have another name from now on. */
  forget(userId: string): void;
};

const maxKept = 20_000;
const maxAsked = 250;

export function createNames(clients: Clients): Names {
  const kept = new Map<string, string>();
  // Raised with every change, so that an answer which began before one is not kept.
  let changes = 0;

  const ask = async (userIds: readonly string[], options: CallOptions) => {
    const before = changes;
    const { profiles } = await clients.of(ProfileService).batchGetProfiles({ userIds: [...userIds] }, options);
    if (before === changes) {
      for (const { userId, displayName } of profiles) kept.set(userId, displayName);
      for (const userId of kept.keys()) {
        if (kept.size <= maxKept) break;
        kept.delete(userId);
      }
    }
    return profiles;
  };

  return {
    async find(userIds, options) {
      const found = new Map<string, string>();
      const unknown: string[] = [];
      for (const userId of new Set(userIds)) {
        const name = kept.get(userId);
        if (name === undefined) unknown.push(userId);
        else found.set(userId, name);
      }
      for (let from = 0; from < unknown.length; from += maxAsked) {
        for (const { userId, displayName } of await ask(unknown.slice(from, from + maxAsked), options)) {
          found.set(userId, displayName);
        }
      }
      return found;
    },
    forget(userId) {
      changes += 1;
      kept.delete(userId);
    },
  };
}
