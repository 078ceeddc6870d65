import { Code } from "@connectrpc/connect";
import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { codeOf, readAnswer, startRag, type TestFile, type TestRag } from "../test-rag.ts";

let rag: TestRag;
let file: TestFile;
beforeAll(async () => {
  rag = await startRag();
  file = await rag.add("ada", "cells.txt", [
    "Cells are small. The mitochondrion makes most of\nthe energy a cell uses. It has two membranes.",
    "Ribosomes build proteins from amino acids. They are found in all living cells.",
    "The nucleus holds the genome. Plants also have chloroplasts, which catch light.",
  ]);
});
afterAll(() => rag[Symbol.asyncDispose]());

const question = "What makes the energy of a cell?";

test("answers with verbatim sentences, each followed by its mark and its citation", async () => {
  const { order, text, retrieved, citations, done } = await readAnswer(rag.as("ada"), { question });
  expect(order[0]).toBe("retrieved");
  expect(order.at(-1)).toBe("done");
  expect(order.slice(1, 3)).toEqual(["delta", "citation"]);
  expect(text).toMatch(/^The mitochondrion makes most of the energy a cell uses\. \[1\]/);
  expect(citations.length).toBeLessThanOrEqual(3);
  const whole = file.passages.join("\n\n");
  for (const [index, { number, quote, sentence, locator, fileId, fileName, passageId }] of citations.entries()) {
    expect(number).toBe(index + 1);
    expect(text).toContain(`${sentence} [${number}]`);
    expect(whole.slice(locator?.charStart, locator?.charEnd)).toBe(quote);
    expect(locator?.boxes).toHaveLength(1);
    expect({ fileId, fileName }).toEqual({ fileId: file.id, fileName: "cells.txt" });
    expect(retrieved.passages.map(({ id }) => id)).toContain(passageId);
  }
  expect(done.finishReason).toBe(FinishReason.STOP);
  expect(done.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(done.timings?.total?.nanos).toBeGreaterThan(0);
});

test("the same question has the same answer", async () => {
  const { text } = await readAnswer(rag.as("ada"), { question });
  expect((await readAnswer(rag.as("ada"), { question })).text).toBe(text);
});

test("says so, and cites nothing, where the files hold nothing relevant", async () => {
  for (const [userId, asked] of [
    ["ada", "Who won the football championship in Brazil?"],
    ["nobody", question],
  ] as const) {
    const { text, citations, done } = await readAnswer(rag.as(userId), { question: asked });
    expect(text).toContain("not find");
    expect(citations).toEqual([]);
    expect(done.finishReason).toBe(FinishReason.NOT_IN_FILES);
  }
});

test("draws on what the asker may read, and of that on the given files", async () => {
  const other = await rag.add("grace", "other.txt", ["The power station makes the energy of the city and of a cell."]);
  const { citations } = await readAnswer(rag.as("ada"), { question });
  expect(citations.map(({ fileId }) => fileId)).not.toContain(other.id);
  expect(await codeOf(readAnswer(rag.as("ada"), { question, fileIds: [other.id] }))).toBe(Code.NotFound);
  expect((await readAnswer(rag.as("grace"), { question, fileIds: [other.id] })).citations).toHaveLength(1);
});

test("an answer is kept, with its citations", async () => {
  const { text, retrieved, citations } = await readAnswer(rag.as("ada"), { question });
  const { answer } = await rag.as("ada").getAnswer({ answerId: retrieved.answerId });
  expect(answer).toMatchObject({ id: retrieved.answerId, question, text, finishReason: FinishReason.STOP });
  expect(answer?.citations).toEqual(citations);
  await rag.process.eventually(() => expect(rag.eventsOf(retrieved.answerId)).toEqual(["AnswerFinished"]));
});

test("another person's answer, and an unknown one, are not found", async () => {
  const { retrieved } = await readAnswer(rag.as("ada"), { question });
  expect(await codeOf(rag.as("grace").getAnswer({ answerId: retrieved.answerId }))).toBe(Code.NotFound);
  expect(await codeOf(rag.as("ada").getAnswer({ answerId: "unknown" }))).toBe(Code.NotFound);
});

test("a quote whose reader lost the right is shown no more, nor is its sentence", async () => {
  const shared = await rag.add("grace", "shared.txt", ["Lichens join a fungus with an alga."]);
  await rag.share(shared, "mary");
  const asked = { question: "What do lichens join?", fileIds: [shared.id] };
  const { retrieved, text } = await readAnswer(rag.as("mary"), asked);
  expect(text).toContain("fungus");
  await rag.revoke(shared, "mary", { tell: false });
  const { answer } = await rag.as("mary").getAnswer({ answerId: retrieved.answerId });
  expect(answer?.citations).toMatchObject([{ number: 1, quote: "", sentence: "", fileName: "", verified: false }]);
  expect(answer?.text).toBe("… [1]");
});

test("a question may go on in a conversation of one's own only", async () => {
  const { done } = await readAnswer(rag.as("ada"), { question });
  const { conversationId } = done;
  expect((await readAnswer(rag.as("ada"), { question, conversationId })).done.conversationId).toBe(conversationId);
  expect(await codeOf(readAnswer(rag.as("grace"), { question, conversationId }))).toBe(Code.NotFound);
  expect(await codeOf(readAnswer(rag.as("ada"), { question, conversationId: "unknown" }))).toBe(Code.NotFound);
});

test("an answer goes on without its asker", async () => {
  const leaving = new AbortController();
  let answerId = "";
  await codeOf(
    (async () => {
      for await (const { event } of rag.as("ada").ask({ question }, { signal: leaving.signal })) {
        if (event.case === "retrieved") answerId = event.value.answerId;
        leaving.abort();
      }
    })(),
  );
  await rag.process.eventually(async () => {
    const { answer } = await rag.as("ada").getAnswer({ answerId });
    expect(answer).toMatchObject({ finishReason: FinishReason.STOP });
    expect(answer?.citations.length).toBeGreaterThan(0);
  });
});

test("an answer that cannot begin says so in time, and ends if it begins after all", async () => {
  const { sql } = rag.process.host("rag").database;
  const waiting = () => sql`select from pg_locks where not granted and relation = 'answers'::regclass`;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    await sql.begin(async (tx) => {
      await tx`lock table answers in exclusive mode`;
      const refused = codeOf(readAnswer(rag.as("ada"), { question }));
      while ((await waiting()).length === 0);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(await refused).toBe(Code.Unavailable);
    });
  } finally {
    vi.useRealTimers();
  }
  await rag.process.eventually(async () => {
    const [latest] = await sql`select finish_reason, lease from answers order by create_time desc limit 1`;
    expect(latest).toEqual({ finish_reason: FinishReason.STOPPED, lease: null });
  });
});
