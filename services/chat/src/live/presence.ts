import { create } from "@bufbuild/protobuf";
import { PresenceSchema, PresenceState } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import type { LiveEvent } from "./frame.ts";
import type { Hub } from "./hub.ts";
import type { Heard, Signals } from "./signals.ts";

/** What presence reads and says. */
export type PresenceOptions = {
  readonly hub: Hub;
  readonly signals: () => Signals;
  /** The rooms of a person in which so few belong that they are told who is there. */
  readonly listSmallRooms: (userId: string) => Promise<string[]>;
  /** Those of these people who belong to one of these rooms. */
  readonly listCompany: (roomIds: readonly string[], userIds: readonly string[]) => Promise<string[]>;
  readonly onError: (error: unknown) => void;
};

/** Tells people who of those they share a small room with is there. Kept in no database: a process that dies takes its people along. */
export type Presence = Disposable & {
  /** A person's reader is live: the first one makes them present, and each is told who else is. */
  come(userId: string, tell: (event: LiveEvent) => void): void;
  /** A person's reader is gone; if none comes back soon, so are they. */
  go(userId: string): void;
  hear(heard: Extract<Heard, { kind: "present" | "alive" }>): void;
};

/** A page that is loaded again is not gone. */
const lingerMs = 5_000;
const beatMs = 15_000;
const deadAfterMs = 45_000;
/** How many ids one signal carries. */
const maxNamed = 100;

export function createPresence(options: PresenceOptions): Presence {
  const { hub, signals, onError } = options;
  const here = new Set<string>();
  const leaving = new Map<string, NodeJS.Timeout>();
  const elsewhere = new Map<string, { readonly userIds: Set<string>; heardMs: number }>();
  const isElsewhere = (userId: string) => [...elsewhere.values()].some(({ userIds }) => userIds.has(userId));

  const spread = async (userId: string, online: boolean) => {
    const roomIds = await options.listSmallRooms(userId);
    const others = hub.listPeople(roomIds).filter((other) => other !== userId);
    hub.tell({ userIds: others }, toEvent(userId, online));
  };
  const say = (userIds: readonly string[], online: boolean) => {
    for (let from = 0; from < userIds.length; from += maxNamed) {
      signals().say({ kind: "present", userIds: userIds.slice(from, from + maxNamed), online });
    }
  };
  const leaveElsewhere = (userId: string) => {
    if (!here.has(userId) && !isElsewhere(userId)) spread(userId, false).catch(onError);
  };
  const listOthers = async (userId: string): Promise<string[]> => {
    const roomIds = await options.listSmallRooms(userId);
    const away = [...elsewhere.values()].flatMap(({ userIds }) => [...userIds]);
    const company = away.length > 0 ? await options.listCompany(roomIds, away) : [];
    const present = hub.listPeople(roomIds).filter((other) => here.has(other));
    return [...new Set([...present, ...company])].filter((other) => other !== userId);
  };
  const processOf = (name: string) => {
    const process = elsewhere.get(name) ?? { userIds: new Set<string>(), heardMs: 0 };
    process.heardMs = performance.now();
    elsewhere.set(name, process);
    return process;
  };

  const beat = setInterval(() => {
    signals().say({ kind: "alive", asks: false });
    for (const [name, { userIds, heardMs }] of elsewhere) {
      if (performance.now() - heardMs < deadAfterMs) continue;
      elsewhere.delete(name);
      for (const userId of userIds) leaveElsewhere(userId);
    }
  }, beatMs).unref();

  return {
    come(userId, tell) {
      const isNew = !here.has(userId);
      here.add(userId);
      if (isNew) say([userId], true);
      if (isNew && !isElsewhere(userId)) spread(userId, true).catch(onError);
      const tellOf = (others: string[]) => others.forEach((other) => void tell(toEvent(other, true)));
      listOthers(userId).then(tellOf, onError);
    },
    go(userId) {
      const leave = () => {
        leaving.delete(userId);
        if (hub.has(userId) || !here.delete(userId)) return;
        say([userId], false);
        leaveElsewhere(userId);
      };
      clearTimeout(leaving.get(userId));
      leaving.set(userId, setTimeout(leave, lingerMs).unref());
    },
    hear(heard) {
      const { userIds } = processOf(heard.process);
      if (heard.kind === "alive") {
        if (heard.asks) say([...here], true);
        return;
      }
      for (const userId of heard.userIds) {
        const wasThere = here.has(userId) || isElsewhere(userId);
        if (heard.online) userIds.add(userId);
        else userIds.delete(userId);
        if (heard.online && !wasThere) spread(userId, true).catch(onError);
        if (!heard.online && wasThere) leaveElsewhere(userId);
      }
    },
    [Symbol.dispose]() {
      clearInterval(beat);
      for (const timer of leaving.values()) clearTimeout(timer);
    },
  };
}

function toEvent(userId: string, online: boolean): LiveEvent {
  const state = online ? PresenceState.ONLINE : PresenceState.OFFLINE;
  return { case: "presence", value: create(PresenceSchema, { userId, state }) };
}
