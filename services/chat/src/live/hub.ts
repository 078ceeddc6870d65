import type { Change } from "../change.ts";
import { createChangeFrame, createFrame, type Frame, isPersonal, type LiveEvent } from "./frame.ts";
import type { Subscription } from "./subscription.ts";

/** A room that a person belongs to: by which change this became so, and which was its last when it was read. */
export type Membership = { readonly roomId: string; readonly change: number; readonly lastChange: number };

/** What the hub reads, and says, of the world. */
export type HubOptions = {
  /** The rooms a person belongs to now. */
  readonly listMemberships: (userId: string) => Promise<readonly Membership[]>;
  /** A room's changes after one, to the last. */
  readonly readChanges: (roomId: string, after: number) => Promise<readonly Change[]>;
  /** The cursor of now: all changes before it have been told to all who listen here. */
  readonly cursor: () => string;
  readonly onError: (error: unknown) => void;
};

/** Who is told of what. */
export type Audience =
  | { readonly roomId: string; readonly exceptUserId?: string }
  | { readonly userIds: readonly string[] };

type Person = {
  readonly userId: string;
  readonly subscriptions: Set<Subscription>;
  readonly rooms: Set<Room>;
  /** While the rooms are being read: rooms that were left meanwhile, by which change. */
  left: Map<string, number> | undefined;
  ready: Promise<void>;
};

type Room = {
  readonly id: string;
  /** All changes up to this one were told. */
  told: number;
  /** Changes that came before one with a lower number. */
  readonly early: Map<number, Change>;
  readonly people: Set<Person>;
  reading: Promise<void> | undefined;
};

/** How long a change that came early waits for those before it, which another transaction is about to hand over. */
const gapMs = 10;

/** Tells the people who listen in this process of their rooms' changes: each room's in the order of its numbers, none left out. */
export type Hub = {
  readonly isEmpty: boolean;
  has(userId: string): boolean;
  hasRoom(roomId: string): boolean;
  /** Adds a reader of a person and resolves when all that happens in their rooms reaches it. */
  join(userId: string, subscription: Subscription): Promise<void>;
  leave(userId: string, subscription: Subscription): void;
  /** Takes a change that was committed. */
  take(change: Change): void;
  /** Reads what a room has had up to a change, unless that was told. */
  catchUp(roomId: string, change: number): Promise<void>;
  /** A person came into a room by a change, as was read. */
  attach(userId: string, roomId: string, change: number): void;
  /** Tells of what is not durable. */
  tell(audience: Audience, event: LiveEvent): void;
  /** Tells everybody. */
  tellAll(event: LiveEvent): void;
  /** Those of these people who listen here and share one of these rooms. */
  listPeople(roomIds: readonly string[]): string[];
};

export function createHub({ listMemberships, readChanges, cursor, onError }: HubOptions): Hub {
  const people = new Map<string, Person>();
  const rooms = new Map<string, Room>();

  const openRoom = (id: string, told: number): Room => {
    const room = rooms.get(id) ?? { id, told, early: new Map(), people: new Set(), reading: undefined };
    rooms.set(id, room);
    return room;
  };
  const enter = (person: Person, room: Room) => {
    room.people.add(person);
    person.rooms.add(room);
  };
  const exit = (person: Person, room: Room) => {
    room.people.delete(person);
    person.rooms.delete(room);
    if (room.people.size === 0 && rooms.get(room.id) === room) rooms.delete(room.id);
  };
  /** Keeps who listens to the room right, before the change is told. */
  const admit = (room: Room, change: Change) => {
    if (change.kind !== "membership" || change.removed) return;
    const person = people.get(change.userId);
    if (!person) return;
    person.left?.delete(room.id);
    enter(person, room);
  };
  const dismiss = (room: Room, change: Change) => {
    if (change.kind !== "roomDeleted" && !(change.kind === "membership" && change.removed)) return;
    const gone = change.kind === "roomDeleted" ? [...room.people] : [people.get(change.userId)];
    for (const person of gone) if (person) exit(person, room);
  };
  const tellChange = (room: Room, change: Change) => {
    room.told = change.change;
    admit(room, change);
    let shared: Frame | undefined;
    for (const person of room.people) {
      let frame = shared;
      if (isPersonal(change, person.userId)) frame = createChangeFrame(cursor(), change, person.userId);
      else if (!frame) frame = shared = createChangeFrame(cursor(), change, "");
      for (const subscription of person.subscriptions) subscription.push(frame);
    }
    dismiss(room, change);
  };
  const tellEarly = (room: Room) => {
    for (;;) {
      const next = room.early.get(room.told + 1);
      if (!next) return;
      room.early.delete(next.change);
      tellChange(room, next);
    }
  };
  const accept = (room: Room, change: Change) => {
    if (change.change <= room.told) return;
    if (change.change > room.told + 1) {
      room.early.set(change.change, change);
      setTimeout(() => void read(room, change.change).catch(onError), gapMs).unref();
      return;
    }
    tellChange(room, change);
    tellEarly(room);
  };
  const readRoom = async (room: Room) => {
    for (const change of await readChanges(room.id, room.told)) {
      if (rooms.get(room.id) !== room) return;
      if (change.change > room.told) tellChange(room, change);
    }
    for (const change of room.early.keys()) if (change <= room.told) room.early.delete(change);
    tellEarly(room);
  };
  /** Reads a room up to `change`, one reading at a time. */
  const read = async (room: Room, change: number): Promise<void> => {
    while (room.told < change && rooms.get(room.id) === room) {
      if (room.reading) {
        await room.reading;
        continue;
      }
      const before = room.told;
      room.reading = readRoom(room).finally(() => {
        room.reading = undefined;
      });
      await room.reading;
      // The log no longer holds it: the room is gone, or what is left of it is too old.
      if (room.told === before) return;
    }
  };
  const load = async (person: Person) => {
    const attach = ({ roomId, change, lastChange }: Membership) => {
      const isHere = people.get(person.userId) === person;
      if (isHere && (person.left?.get(roomId) ?? 0) <= change) enter(person, openRoom(roomId, lastChange));
    };
    // What happens after the rooms were read, and before they are attached, is seen by reading once more.
    for (let isComplete = false; !isComplete; ) {
      const memberships = await listMemberships(person.userId);
      isComplete = memberships.every(({ roomId }) => rooms.has(roomId));
      memberships.forEach(attach);
      await Promise.all(memberships.map(({ roomId, lastChange }) => catchUp(roomId, lastChange)));
    }
    person.left = undefined;
  };
  const catchUp = async (roomId: string, change: number) => {
    const room = rooms.get(roomId);
    if (room) await read(room, change);
  };

  return {
    get isEmpty() {
      return people.size === 0;
    },
    has: (userId) => people.has(userId),
    hasRoom: (roomId) => rooms.has(roomId),
    async join(userId, subscription) {
      let person = people.get(userId);
      if (!person) {
        const added: Person = {
          userId,
          subscriptions: new Set(),
          rooms: new Set(),
          left: new Map(),
          ready: Promise.resolve(),
        };
        people.set(userId, added);
        added.ready = load(added);
        person = added;
      }
      person.subscriptions.add(subscription);
      await person.ready;
    },
    leave(userId, subscription) {
      const person = people.get(userId);
      if (!person?.subscriptions.delete(subscription) || person.subscriptions.size > 0) return;
      people.delete(userId);
      for (const room of [...person.rooms]) exit(person, room);
    },
    take(change) {
      let room = rooms.get(change.roomId);
      if (!room && change.kind === "membership") {
        const person = people.get(change.userId);
        if (person && !change.removed) room = openRoom(change.roomId, change.change - 1);
      }
      const loading = change.kind === "membership" && change.removed ? people.get(change.userId)?.left : undefined;
      loading?.set(change.roomId, change.change);
      if (room) accept(room, change);
    },
    catchUp,
    attach(userId, roomId, change) {
      const person = people.get(userId);
      // Where the change was told, who came in and who has left since is known here.
      if (!person || (rooms.get(roomId)?.told ?? 0) >= change) return;
      enter(person, openRoom(roomId, change - 1));
    },
    tell(audience, event) {
      let frame: Frame | undefined;
      const tellPerson = (person: Person | undefined) => {
        for (const subscription of person?.subscriptions ?? []) {
          if (!subscription.isLive) continue;
          frame ??= createFrame(cursor(), event);
          subscription.push(frame);
        }
      };
      if ("userIds" in audience) {
        for (const userId of audience.userIds) tellPerson(people.get(userId));
      } else {
        for (const person of rooms.get(audience.roomId)?.people ?? []) {
          if (person.userId !== audience.exceptUserId) tellPerson(person);
        }
      }
    },
    tellAll(event) {
      const frame = createFrame(cursor(), event);
      for (const person of people.values()) {
        for (const subscription of person.subscriptions) if (subscription.isLive) subscription.push(frame);
      }
    },
    listPeople(roomIds) {
      const found = new Set<string>();
      for (const roomId of roomIds) for (const person of rooms.get(roomId)?.people ?? []) found.add(person.userId);
      return [...found];
    },
  };
}
