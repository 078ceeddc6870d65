import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import {
  type Message,
  type MessageDeleted,
  MessageSchema,
  type Reaction,
  type ReactionChanged,
  ReactionSchema,
} from "@lyceum/client";

/** A room's messages as far as they are known: the latest ones, without a hole between them. */
export type Timeline = {
  /** In ascending order of `seq`. */
  readonly messages: readonly Message[];
  /** True if the room holds messages before the first one here. */
  readonly hasEarlier: boolean;
  /** True while a page is on its way. */
  readonly isLoading: boolean;
  /** Why the last page did not arrive. */
  readonly error?: unknown;
  /** Changes of messages that are not here: a page on its way may show them as they were before. */
  readonly missed: readonly MessageChange[];
};

/** What happens to a message after it was sent. */
export type MessageChange =
  | { readonly case: "messageEdited"; readonly value: Message }
  | { readonly case: "messageDeleted"; readonly value: MessageDeleted }
  | { readonly case: "reaction"; readonly value: ReactionChanged };

export const emptyTimeline: Timeline = { messages: [], hasEarlier: true, isLoading: false, missed: [] };

/** How many messages stay known of a room that is left. */
const keptLength = 100;

/** The timeline with messages, each at its latest change, in whatever order they come. */
function mergeMessages(timeline: Timeline, arrived: readonly Message[]): Timeline {
  const bySeq = new Map(timeline.messages.map((message) => [message.seq, message]));
  for (const message of arrived) {
    bySeq.set(message.seq, laterOf(bySeq.get(message.seq), message));
  }
  const messages = [...bySeq.values()].sort((a, b) => (a.seq < b.seq ? -1 : 1));
  return { ...timeline, messages };
}

/** The timeline with a message that was just sent, or changed. One before its first would leave a hole, and stays away. */
export function addMessage(timeline: Timeline, message: Message): Timeline {
  const first = timeline.messages[0]?.seq;
  return first !== undefined && message.seq < first ? timeline : mergeMessages(timeline, [message]);
}

/** The timeline with a page of history before its first message, or its very first page. */
export function addPage(timeline: Timeline, page: readonly Message[], hasEarlier: boolean): Timeline {
  const merged = mergeMessages(timeline, page);
  const settled = timeline.missed.reduce(applyChange, { ...merged, missed: [] });
  return { messages: settled.messages, hasEarlier, isLoading: false, missed: [] };
}

/** The timeline begun anew from its latest page; what is known already stays where it joins on. */
export function replaceMessages(timeline: Timeline, page: readonly Message[], hasEarlier: boolean): Timeline {
  const first = page[0]?.seq;
  const joined = timeline.messages.filter(({ seq }) => first !== undefined && seq >= first);
  return addPage({ ...timeline, messages: joined }, page, hasEarlier);
}

/** The timeline after something happened to one of its messages. A change it has passed leaves it as it is. */
export function applyChange(timeline: Timeline, change: MessageChange): Timeline {
  const id = change.case === "messageEdited" ? change.value.id : change.value.messageId;
  const known = timeline.messages.find((message) => message.id === id);
  if (!known) return timeline.isLoading ? { ...timeline, missed: [...timeline.missed, change] } : timeline;
  if (change.value.change <= known.change) return timeline;
  const changed = changeMessage(known, change);
  return { ...timeline, messages: timeline.messages.map((message) => (message === known ? changed : message)) };
}

/** The timeline of a room one leaves: its older pages are fetched again when they are wanted. */
export function trimTimeline(timeline: Timeline): Timeline {
  if (timeline.messages.length <= keptLength) return timeline;
  return { ...timeline, messages: timeline.messages.slice(-keptLength), hasEarlier: true };
}

/** The later or fuller of two versions of a message, with the sources its citations are known to have. */
function laterOf(known: Message | undefined, arrived: Message): Message {
  if (!known || arrived.change > known.change) return keepSources(known, arrived);
  const isFuller = (lacksSources(known) && !lacksSources(arrived)) || (!known.answerId && arrived.answerId);
  return arrived.change === known.change && isFuller ? arrived : known;
}

/** True if citations say only where they point to: who may see what stands there depends on the reader, so it comes by a page. */
export function lacksSources({ citations }: Message): boolean {
  return citations.some(({ fileName }) => fileName === "");
}

function keepSources(known: Message | undefined, arrived: Message): Message {
  if (!known || !lacksSources(arrived)) return arrived;
  const citations = arrived.citations.map((citation) => {
    const { number, passageId } = citation;
    return known.citations.find((other) => other.number === number && other.passageId === passageId) ?? citation;
  });
  return create(MessageSchema, { ...arrived, citations });
}

function changeMessage(known: Message, change: MessageChange): Message {
  switch (change.case) {
    case "messageEdited":
      return keepSources(known, change.value);
    case "messageDeleted":
      return create(MessageSchema, {
        ...known,
        change: change.value.change,
        text: "",
        fileIds: [],
        citations: [],
        reactions: [],
        deleteTime: timestampNow(),
      });
    case "reaction":
      return create(MessageSchema, {
        ...known,
        change: change.value.change,
        reactions: changeReactions(known.reactions, change.value),
      });
  }
}

/** Who reacted with what after one more or one less; an emoji that nobody chooses any more goes. */
export function changeReactions(
  reactions: readonly Reaction[],
  { emoji, userId, removed }: { emoji: string; userId: string; removed: boolean },
): Reaction[] {
  const known = reactions.find((reaction) => reaction.emoji === emoji);
  if (!known) return removed ? [...reactions] : [...reactions, create(ReactionSchema, { emoji, userIds: [userId] })];
  const others = known.userIds.filter((id) => id !== userId);
  const changed = create(ReactionSchema, { emoji, userIds: removed ? others : [...others, userId] });
  return reactions
    .map((reaction) => (reaction === known ? changed : reaction))
    .filter(({ userIds }) => userIds.length > 0);
}
