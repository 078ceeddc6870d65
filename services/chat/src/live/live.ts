import { create } from "@bufbuild/protobuf";
import type { Database } from "@lyceum/database";
import type { EventLog } from "@lyceum/events";
import { HeartbeatSchema, ReadySchema, ResetSchema } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import type { FeedReader, Host } from "@lyceum/service";
import type { Change } from "../change.ts";
import { listMemberships, openFeed, readNews, readOutlook } from "../feed-store.ts";
import type { PresenceAudiences } from "../presence-audiences.ts";
import { listCompany, listSmallRooms } from "../room-store.ts";
import { catchUp } from "./catch-up.ts";
import { createFrame, type LiveEvent } from "./frame.ts";
import { createHints } from "./hints.ts";
import { createHorizon } from "./horizon.ts";
import { type Audience, createHub } from "./hub.ts";
import { createPresence } from "./presence.ts";
import { type Heard, openSignals } from "./signals.ts";
import { createSubscription } from "./subscription.ts";

/** Tells everybody who listens, in this process and the others, what happens in their rooms. */
export type Live = AsyncDisposable & {
  /** Takes changes that this process has just committed. */
  committed(changes: readonly Change[]): void;
  /** Tells of what is not durable. */
  tell(audience: Audience, event: LiveEvent): void;
  /** Writes to `reader` what a person missed since `cursor`, then what happens, until it is disposed of. */
  subscribe(userId: string, cursor: string, reader: FeedReader): Promise<Disposable>;
  /** A person may let others know that they are there than before. */
  resettle(userId: string): void;
};

/** What being live takes. */
export type LiveOptions = {
  readonly database: Database;
  readonly events: EventLog;
  readonly log: Host["log"];
  /** A room's changes after one, to the last, with what all its members may see. */
  readonly readChanges: (roomId: string, after: number) => Promise<readonly Change[]>;
  /** Whom people let know that they are there. */
  readonly audiences: Pick<PresenceAudiences, "find">;
};

const heartbeatMs = 15_000;
/** How soon after changes of its own a process looks up to where everything was told. */
const settleMs = 250;

export async function openLive({ database, events, log, readChanges, audiences }: LiveOptions): Promise<Live> {
  const { db } = database;
  const closing = new AbortController();
  const onError = (error: unknown) => {
    if (!closing.signal.aborted) log.warn({ err: error }, "Could not read what happened; trying again.");
  };
  const feed = await openFeed(database);
  const horizon = createHorizon({
    feed,
    readOutlook: () => readOutlook(db),
    readNews: (since) => readNews(db, since),
    hub: () => hub,
    onError,
  });
  const hub = createHub({
    listMemberships: (userId) => listMemberships(db, userId),
    readChanges,
    cursor: () => horizon.cursor,
    onError,
  });
  const presence = createPresence({
    hub,
    signals: () => signals,
    findAudiences: (userIds) => audiences.find(userIds, {}),
    listSmallRooms: (userId, only) => listSmallRooms(db, userId, only),
    listCompany: (roomIds, userIds) => listCompany(db, roomIds, userIds),
    onError,
  });
  const hear = (heard: Heard) => {
    if (heard.kind === "told") hub.tell(heard.audience, heard.event);
    else if (heard.kind !== "changed") presence.hear(heard);
    else if (heard.roomIds.some(hub.hasRoom) || heard.userIds.some(hub.has)) horizon.advance(0);
  };
  const signals = await openSignals(events, hear);
  const hints = createHints((roomIds, userIds) => signals.say({ kind: "changed", roomIds, userIds }));
  const heartbeat = setInterval(
    () => hub.tellAll({ case: "heartbeat", value: create(HeartbeatSchema) }),
    heartbeatMs,
  ).unref();
  signals.say({ kind: "alive", asks: true });

  const begin = async (userId: string, cursor: string, subscription: ReturnType<typeof createSubscription>) => {
    const reason = cursor ? await catchUp(database, feed, { userId, cursor, subscription }) : undefined;
    if (!cursor || reason) {
      // What happened while it connected came before it listened.
      subscription.hold();
      subscription.release(new Map());
    }
    if (reason)
      subscription.push(createFrame(horizon.cursor, { case: "reset", value: create(ResetSchema, { reason }) }));
    subscription.push(createFrame(horizon.cursor, { case: "ready", value: create(ReadySchema) }));
    presence.come(userId, (event) => {
      if (subscription.isLive) subscription.push(createFrame(horizon.cursor, event));
    });
  };

  return {
    committed(changes) {
      for (const change of changes) hub.take(change);
      hints.add(changes);
      if (!hub.isEmpty) horizon.advance(settleMs);
    },
    tell(audience, event) {
      hub.tell(audience, event);
      signals.say({ kind: "told", audience, event });
    },
    async subscribe(userId, cursor, reader) {
      const subscription = createSubscription(reader, () => {
        hub.leave(userId, subscription);
        presence.go(userId);
      });
      try {
        if (hub.isEmpty) await horizon.restart();
        await hub.join(userId, subscription);
      } catch (error) {
        subscription.close();
        throw error;
      }
      begin(userId, cursor, subscription).catch((error) => {
        if (subscription.isOver) return;
        subscription.close();
        reader.end(error);
      });
      return { [Symbol.dispose]: () => subscription.close() };
    },
    resettle: presence.resettle,
    async [Symbol.asyncDispose]() {
      closing.abort();
      clearInterval(heartbeat);
      hints[Symbol.dispose]();
      horizon[Symbol.dispose]();
      presence[Symbol.dispose]();
      await signals[Symbol.asyncDispose]();
    },
  };
}
