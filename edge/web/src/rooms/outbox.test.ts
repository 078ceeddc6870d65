import { expect, test } from "vitest";
import { findNext, type Outgoing, readOutbox } from "./outbox.ts";

const outgoing = (clientId: string, state: Outgoing["state"], roomId = "r"): Outgoing => ({
  clientId,
  roomId,
  state,
  text: clientId,
  replyToId: "",
  fileIds: [],
  createdMs: 0,
});

test("one message of a room is sent at a time, in order; rooms don't wait for each other", () => {
  const list = [outgoing("a", "sending"), outgoing("b", "waiting"), outgoing("c", "waiting", "s")];
  expect(findNext(list)?.clientId).toBe("c");
  expect(findNext([outgoing("b", "waiting"), outgoing("d", "waiting")])?.clientId).toBe("b");
});

test("a refused message holds up nothing", () => {
  expect(findNext([outgoing("a", "failed"), outgoing("b", "waiting")])?.clientId).toBe("b");
});

test("what was under way at a reload is sent again under its name, for the same person only", () => {
  const stored = JSON.stringify({ userId: "ada", kept: [outgoing("a", "sending"), outgoing("b", "failed")] });
  expect(readOutbox(stored, "ada").map(({ clientId, state }) => [clientId, state])).toEqual([
    ["a", "waiting"],
    ["b", "failed"],
  ]);
  expect([readOutbox(stored, "bob"), readOutbox("{", "ada"), readOutbox(null, "ada")]).toEqual([[], [], []]);
});
