import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Message, MessageDeletedSchema, MessageSchema, ReactionChangedSchema } from "@lyceum/client";
import { describe, expect, test } from "vitest";
import {
  addMessage,
  addPage,
  applyChange,
  emptyTimeline,
  lacksSources,
  type MessageChange,
  replaceMessages,
  type Timeline,
  trimTimeline,
} from "./timeline.ts";

const say = (seq: number, more: MessageInitShape<typeof MessageSchema> = {}): Message =>
  create(MessageSchema, {
    id: `m${seq}`,
    roomId: "r",
    seq: BigInt(seq),
    change: BigInt(seq),
    text: `text ${seq}`,
    ...more,
  });
const edit = (seq: number, change: number, text: string): MessageChange => ({
  case: "messageEdited",
  value: say(seq, { change: BigInt(change), text }),
});
const react = (seq: number, change: number, userId: string, removed = false): MessageChange => ({
  case: "reaction",
  value: create(ReactionChangedSchema, { messageId: `m${seq}`, change: BigInt(change), emoji: "👍", userId, removed }),
});
const texts = ({ messages }: Timeline) => messages.map(({ text }) => text);
const of = (...messages: Message[]) => addPage(emptyTimeline, messages, false);

describe("a timeline", () => {
  test("holds each message once, in order, however pages and live messages overlap", () => {
    const live = addMessage({ ...emptyTimeline, isLoading: true }, say(4));
    const loaded = addPage(live, [say(2), say(3), say(4)], true);
    const earlier = addPage({ ...loaded, isLoading: true }, [say(1)], false);
    expect(texts(earlier)).toEqual(["text 1", "text 2", "text 3", "text 4"]);
    expect([loaded.hasEarlier, earlier.hasEarlier, earlier.isLoading]).toEqual([true, false, false]);
  });

  test("keeps the latest change of a message, whichever comes last", () => {
    const edited = applyChange(of(say(1), say(2)), edit(1, 9, "better"));
    expect(texts(addMessage(edited, say(1)))).toEqual(["better", "text 2"]);
    expect(applyChange(edited, edit(1, 5, "older"))).toBe(edited);
  });

  test("applies to a page on its way what happened to its messages meanwhile", () => {
    const loading = { ...of(say(5)), hasEarlier: true, isLoading: true };
    const changed = applyChange(applyChange(loading, edit(3, 8, "better")), react(3, 9, "ada"));
    const loaded = addPage(changed, [say(3), say(4)], false);
    expect(texts(loaded)).toEqual(["better", "text 4", "text 5"]);
    expect(loaded.messages[0]?.reactions).toMatchObject([{ emoji: "👍", userIds: ["ada"] }]);
    expect(applyChange(loaded, edit(1, 10, "unknown"))).toBe(loaded);
  });

  test("does not take a message from before its first, which would leave a hole", () => {
    expect(texts(addMessage(of(say(7), say(8)), say(2)))).toEqual(["text 7", "text 8"]);
  });

  test("begun anew drops what does not join on to the latest page", () => {
    const known = of(say(1), say(2), say(50, { change: 99n, text: "edited" }));
    expect(texts(replaceMessages(known, [say(49), say(50)], true))).toEqual(["text 49", "edited"]);
  });

  test("of a room one leaves lets go of old pages", () => {
    const long = of(...Array.from({ length: 230 }, (_, index) => say(index + 1)));
    const trimmed = trimTimeline(long);
    expect([trimmed.messages.length, trimmed.messages[0]?.seq, trimmed.hasEarlier]).toEqual([100, 131n, true]);
  });
});

describe("the sources of citations", () => {
  const cite = (fileName: string) => [{ number: 1, passageId: "p", fileName, quote: fileName && "Spring tides" }];
  const bare = say(2, { citations: cite("") });
  const full = say(2, { citations: cite("tides.pdf") });

  test("come with a page, for a message that was heard without them", () => {
    expect(lacksSources(bare)).toBe(true);
    const heard = of(say(1), bare);
    expect(addPage(heard, [full], false).messages[1]?.citations[0]?.quote).toBe("Spring tides");
  });

  test("stay through later changes of the message", () => {
    const edited: MessageChange = { case: "messageEdited", value: say(2, { change: 9n, citations: cite("") }) };
    const [, message] = applyChange(of(say(1), full), edited).messages;
    expect([message?.change, message?.citations[0]?.fileName]).toEqual([9n, "tides.pdf"]);
    const reacted = say(2, { change: 12n, citations: cite("") });
    expect(addMessage(of(say(1), full), reacted).messages[1]?.citations[0]?.fileName).toBe("tides.pdf");
  });
});

describe("a message", () => {
  test("that is deleted keeps its place and loses its content", () => {
    const deleted = create(MessageDeletedSchema, { messageId: "m1", change: 7n, seq: 1n });
    const [message] = applyChange(of(say(1, { fileIds: ["f"] })), { case: "messageDeleted", value: deleted }).messages;
    expect(message).toMatchObject({ seq: 1n, text: "", fileIds: [], change: 7n });
    expect(message?.deleteTime).toBeDefined();
  });

  test("gathers reactions by emoji, each person's once, and forgets an emoji nobody chooses", () => {
    const changes = [react(1, 2, "ada"), react(1, 3, "bob"), react(1, 4, "ada")];
    const both = changes.reduce(applyChange, of(say(1)));
    expect(both.messages[0]?.reactions).toMatchObject([{ emoji: "👍", userIds: ["bob", "ada"] }]);
    const none = [react(1, 5, "ada", true), react(1, 6, "bob", true)].reduce(applyChange, both);
    expect(none.messages[0]?.reactions).toEqual([]);
  });
});
