import { Code } from "@connectrpc/connect";
import { Rating } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { newId } from "@lyceum/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, readAnswer, startRag, type TestRag } from "../test-rag.ts";

let rag: TestRag;
beforeAll(async () => {
  rag = await startRag();
  await rag.add("ada", "cells.txt", [
    "The mitochondrion makes most of the energy a cell uses. A mitochondrion has two membranes.",
    "Ribosomes build proteins from amino acids.",
  ]);
});
afterAll(() => rag[Symbol.asyncDispose]());

const question = "What makes the energy of a cell?";
const ask = (conversationId: string, asked = question) =>
  readAnswer(rag.as("ada"), { question: asked, conversationId });

test("a conversation is begun, named by its first question, and read in the order it was asked", async () => {
  const ada = rag.as("ada");
  const { conversation } = await ada.createConversation({});
  const { id = "" } = conversation ?? {};
  expect(conversation?.title).toBe("");
  await ask(id);
  await ask(id, "What do ribosomes build?");
  const read = await ada.getConversation({ conversationId: id });
  expect(read.conversation).toMatchObject({ id, title: question });
  expect(read.answers.map((answer) => answer.question)).toEqual([question, "What do ribosomes build?"]);
  expect(read.answers[0]?.text).toContain("mitochondrion");
  expect(read.answers[0]?.citations[0]?.quote).toContain("mitochondrion");
  expect(read.nextPageToken).toBe("");
});

test("a given name stays", async () => {
  const { conversation } = await rag.as("ada").createConversation({ title: " Biology " });
  await ask(conversation?.id ?? "");
  const { conversations } = await rag.as("ada").listConversations({ pageSize: 1 });
  expect(conversations[0]).toMatchObject({ id: conversation?.id, title: "Biology" });
});

test("earlier answers come by pages, the latest first", async () => {
  const { conversation } = await rag.as("ada").createConversation({});
  const conversationId = conversation?.id ?? "";
  for (const number of [1, 2, 3]) await ask(conversationId, `${number}. ${question}`);
  const last = await rag.as("ada").getConversation({ conversationId, pageSize: 2 });
  expect(last.answers.map((answer) => answer.question[0])).toEqual(["2", "3"]);
  const first = await rag.as("ada").getConversation({ conversationId, pageSize: 2, pageToken: last.nextPageToken });
  expect(first.answers.map((answer) => answer.question[0])).toEqual(["1"]);
  expect(first.nextPageToken).toBe("");
});

test("the last asked is listed first, page by page, and nobody lists another's", async () => {
  const made: string[] = [];
  for (const title of ["a", "b", "c"]) {
    made.push((await rag.as("list").createConversation({ title })).conversation?.id ?? "");
  }
  await readAnswer(rag.as("list"), { question, conversationId: made[0] ?? "" });
  const first = await rag.as("list").listConversations({ pageSize: 2 });
  expect(first.conversations.map(({ title }) => title)).toEqual(["a", "c"]);
  const next = await rag.as("list").listConversations({ pageSize: 2, pageToken: first.nextPageToken });
  expect(next.conversations.map(({ title }) => title)).toEqual(["b"]);
  expect(next.nextPageToken).toBe("");
  expect((await rag.as("nobody").listConversations({})).conversations).toEqual([]);
  expect(await codeOf(rag.as("list").listConversations({ pageToken: "x" }))).toBe(Code.InvalidArgument);
});

test("a deleted conversation is gone with its answers and what was thought of them", async () => {
  const { retrieved } = await ask("");
  const { answerId, conversationId } = retrieved;
  await rag.as("ada").rateAnswer({ answerId, rating: Rating.UP, comment: "Good." });
  await rag.as("ada").deleteConversation({ conversationId });
  expect(await codeOf(rag.as("ada").getConversation({ conversationId }))).toBe(Code.NotFound);
  expect(await codeOf(rag.as("ada").getAnswer({ answerId }))).toBe(Code.NotFound);
  const { sql } = rag.process.host("rag").database;
  for (const table of ["answers", "citations", "feedback"]) {
    const key = table === "answers" ? "id" : "answer_id";
    expect(await sql`select * from ${sql(table)} where ${sql(key)} = ${answerId}`).toHaveLength(0);
  }
});

test("another person's conversation, and an unknown one, are not found", async () => {
  const { retrieved } = await ask("");
  const grace = rag.as("grace");
  for (const conversationId of [retrieved.conversationId, newId(), "unknown", "\0", "é".repeat(64)]) {
    expect(await codeOf(grace.getConversation({ conversationId }))).toBe(Code.NotFound);
    expect(await codeOf(grace.deleteConversation({ conversationId }))).toBe(Code.NotFound);
    expect(await codeOf(readAnswer(grace, { question, conversationId }))).toBe(Code.NotFound);
  }
  expect((await rag.as("ada").getConversation({ conversationId: retrieved.conversationId })).answers).toHaveLength(1);
});

test("a follow-up is understood with what was asked before", async () => {
  const { retrieved } = await ask("", "What does the mitochondrion make?");
  const { text } = await ask(retrieved.conversationId, "How many membranes has it?");
  expect(text).toMatch(/^A mitochondrion has two membranes\. \[1\]/);
});

test("what its asker thinks of an answer is kept, the latest only, and shown to them", async () => {
  const ada = rag.as("ada");
  const { answerId } = (await ask("")).retrieved;
  expect((await ada.getAnswer({ answerId })).answer?.rating).toBe(Rating.UNSPECIFIED);
  await ada.rateAnswer({ answerId, rating: Rating.UP });
  await ada.rateAnswer({ answerId, rating: Rating.DOWN, comment: "Too\0 short." });
  expect((await ada.getAnswer({ answerId })).answer?.rating).toBe(Rating.DOWN);
  expect(await codeOf(ada.rateAnswer({ answerId, rating: Rating.UNSPECIFIED }))).toBe(Code.InvalidArgument);
  for (const unknown of [answerId, newId()]) {
    expect(await codeOf(rag.as("grace").rateAnswer({ answerId: unknown, rating: Rating.UP }))).toBe(Code.NotFound);
  }
});

test("whoever looks at their conversations has the model loaded before they ask, once", async () => {
  await rag.add("joan", "birds.txt", ["Terns nest on shingle."]);
  const before = rag.embedded.length;
  for (let looked = 0; looked < 3; looked++) await rag.as("joan").listConversations({});
  await rag.process.eventually(() => expect(rag.embedded.length).toBeGreaterThan(before));
  await rag.as("nobody").listConversations({});
  expect(rag.embedded.length).toBe(before + 1);
});
