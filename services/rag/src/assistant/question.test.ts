import { create } from "@bufbuild/protobuf";
import { MessageKind, MessageSchema } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { newId } from "@lyceum/service";
import { expect, test } from "vitest";
import { findQuestion, toAnswerId, toTurns } from "./question.ts";

test.each([
  ["@assistant what is a tide?", "what is a tide?"],
  ["  @Assistant: what is a tide?", "what is a tide?"],
  ["@assistant private: what is mine?", "what is mine?"],
  ["@assistant, private matters?", "private matters?"],
  ["@assistant", ""],
  ["@assistants what?", undefined],
  ["ask @assistant", undefined],
])("%j asks %j", (text, question) => expect(findQuestion(text)).toBe(question));

test("turns are what was asked of the assistant and what it said, the last of them", () => {
  const say = (kind: MessageKind, text: string) => create(MessageSchema, { kind, text });
  const { TEXT, ASSISTANT, MEMBERSHIP } = MessageKind;
  const early = Array.from({ length: 8 }, (_, at) => say(ASSISTANT, `Answer ${at}.`));
  const history = [
    ...early,
    say(TEXT, "@assistant what is a tide?"),
    say(TEXT, "I know that."),
    say(MEMBERSHIP, ""),
    say(ASSISTANT, "The sea rises."),
    say(ASSISTANT, ""),
  ];
  expect(toTurns(history)).toEqual([
    ...early.slice(-4).map(({ text }) => ({ asker: false, text })),
    { asker: true, text: "what is a tide?" },
    { asker: false, text: "The sea rises." },
  ]);
});

test("a question has one answer's id, in the form of ids", () => {
  const id = newId();
  expect(toAnswerId(id)).toBe(toAnswerId(id));
  expect(toAnswerId(id)).not.toBe(toAnswerId(newId()));
  expect(toAnswerId(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
