import { create } from "@bufbuild/protobuf";
import { PresenceSchema, PresenceState } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { PresenceAudience } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
import type { LiveEvent } from "./frame.ts";
import type { Hub } from "./hub.ts";
import type { Heard, Signals } from "./signals.ts";

/** What presence reads and says. */
export type PresenceOptions = {
  readonly hub: Hub;
  readonly signals: () => Signals;
  /** Whom each of these people lets know that they are there; those who have chosen nothing may be left out. */
  readonly findAudiences: (userIds: readonly string[]) => Promise<ReadonlyMap<string, PresenceAudience>>;
  /** The rooms of a person in which so few belong that they are told who is there, or of these only the direct ones. */
  readonly listSmallRooms: (userId: string, only?: "direct") => Promise<string[]>;
  /** Those of these people who belong to one of these rooms. */
  readonly listCompany: (roomIds: readonly string[], userIds: readonly string[]) => Promise<string[]>;
  readonly onError: (error: unknown) => void;
};

/** Tells people who of those they share a small room with is there, as far as these let them know. Kept in no database: a process that dies takes its people along. */
export type Presence = Disposable & {
  /** A person's reader is live: the first one makes them present, and each is told who else is. */
  come(userId: string, tell: (event: LiveEvent) => void): void;
  /** A person's reader is gone; if none comes back soon, so are they. */
  go(userId: string): void;
  /** A person may let others know than before. */
  resettle(userId: string): void;
  hear(heard: Extract<Heard, { kind: "present" | "alive" }>): void;
};

const { ROOMS, DIRECT, NOBODY } = PresenceAudience;
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

  /** Whom those who are there have let know, as far as it was told. */
  const told = new Map<string, PresenceAudience>();
  const findAudience = async (userId: string) => (await options.findAudiences([userId])).get(userId) ?? ROOMS;
  const listTold = async (userId: string, audience: PresenceAudience): Promise<string[]> => {
    if (audience === NOBODY) return [];
    const roomIds = await options.listSmallRooms(userId, audience === DIRECT ? "direct" : undefined);
    return hub.listPeople(roomIds).filter((other) => other !== userId);
  };
  /** How often those who are there have chosen anew. */
  const choices = new Map<string, number>();
  const tellOfComing = async (userId: string): Promise<void> => {
    const choice = choices.get(userId);
    const audience = await findAudience(userId);
    const others = await listTold(userId, audience);
    // What was read before a choice may say more than the person lets others know now.
    if (choices.get(userId) !== choice) return tellOfComing(userId);
    told.set(userId, audience);
    hub.tell({ userIds: others }, toEvent(userId, true));
  };
  const tellOfGoing = async (userId: string) => {
    const audience = told.get(userId) ?? NOBODY;
    told.delete(userId);
    choices.delete(userId);
    hub.tell({ userIds: await listTold(userId, audience) }, toEvent(userId, false));
  };
  /** Nobody hears of the change but those who know less, or more, by it. */
  const tellAnew = async (userId: string) => {
    const before = told.get(userId) ?? NOBODY;
    const audience = await findAudience(userId);
    if (audience === before) return;
    told.set(userId, audience);
    const [knew, know] = await Promise.all([listTold(userId, before), listTold(userId, audience)]);
    hub.tell({ userIds: know.filter((other) => !knew.includes(other)) }, toEvent(userId, true));
    hub.tell({ userIds: knew.filter((other) => !know.includes(other)) }, toEvent(userId, false));
  };
  /** Those of `others`, who all share a small room with a person, who let that person know that they are there. */
  const listTelling = async (userId: string, others: readonly string[]): Promise<string[]> => {
    if (others.length === 0) return [];
    const audiences = await options.findAudiences(others);
    const choose = (audience: PresenceAudience) =>
      others.filter((other) => (audiences.get(other) ?? ROOMS) === audience);
    const picky = choose(DIRECT);
    if (picky.length === 0) return choose(ROOMS);
    return [...choose(ROOMS), ...(await options.listCompany(await options.listSmallRooms(userId, "direct"), picky))];
  };
  const say = (userIds: readonly string[], online: boolean) => {
    for (let from = 0; from < userIds.length; from += maxNamed) {
      signals().say({ kind: "present", userIds: userIds.slice(from, from + maxNamed), online });
    }
  };
  const leaveElsewhere = (userId: string) => {
    if (!here.has(userId) && !isElsewhere(userId)) tellOfGoing(userId).catch(onError);
  };
  const listOthers = async (userId: string): Promise<string[]> => {
    const roomIds = await options.listSmallRooms(userId);
    const away = [...elsewhere.values()].flatMap(({ userIds }) => [...userIds]);
    const company = away.length > 0 ? await options.listCompany(roomIds, away) : [];
    const present = hub.listPeople(roomIds).filter((other) => here.has(other));
    return listTelling(
      userId,
      [...new Set([...present, ...company])].filter((other) => other !== userId),
    );
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
      if (isNew && !isElsewhere(userId)) tellOfComing(userId).catch(onError);
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
    resettle(userId) {
      if (!here.has(userId) && !isElsewhere(userId)) return;
      choices.set(userId, (choices.get(userId) ?? 0) + 1);
      tellAnew(userId).catch(onError);
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
        if (heard.online && !wasThere) tellOfComing(userId).catch(onError);
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
