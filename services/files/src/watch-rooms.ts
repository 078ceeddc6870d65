import { setTimeout as sleep } from "node:timers/promises";
import type { EventLog } from "@lyceum/events";
import { roomDeleted } from "@lyceum/gen/events/lyceum/chat/v1/room_deleted.ts";
import { roomMemberAdded } from "@lyceum/gen/events/lyceum/chat/v1/room_member_added.ts";
import { roomMemberRemoved } from "@lyceum/gen/events/lyceum/chat/v1/room_member_removed.ts";
import type { Host } from "@lyceum/service";

/** Knows whether files has caught up with who belongs to which room. */
export type Rooms = {
  /** False from the start until every change of members has been applied that had happened by then. */
  areKnown(): boolean;
};

const retryMs = 1_000;

/** Waits until the group `files` has passed what is in chat's topic now: what was missed while files was away. */
export function watchRooms(events: EventLog, log: Host["log"]): Rooms & AsyncDisposable {
  const stopping = new AbortController();
  let known = false;
  const catchUp = async (): Promise<void> => {
    while (!known && !stopping.signal.aborted) {
      try {
        await events.caughtUp("files", [roomMemberAdded, roomMemberRemoved, roomDeleted], stopping.signal);
        known = true;
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn({ err: error }, "cannot tell yet who belongs to which room; trying again");
        await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  };
  const caughtUp = catchUp();
  return {
    areKnown: () => known,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await caughtUp;
    },
  };
}
