import { join } from "node:path";
import { tempFolder } from "@lyceum/testing";
import { canFetch } from "@lyceum/testing/engines/fetch-or-skip.ts";
import { fetchPgBouncer } from "@lyceum/testing/engines/pgbouncer.ts";
import { layCluster } from "@lyceum/testing/lay-cluster.ts";
import { type Person, signUp } from "@lyceum/testing/person.ts";
import { type Scaled, startScaled } from "@lyceum/testing/scaled.ts";
import { engineVariables, findFreePort } from "@lyceum/testing/start-program.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const isThere = await canFetch("PgBouncer", fetchPgBouncer);

describe.skipIf(!isThere)("a process per service, behind PgBouncer in transaction mode", () => {
  let scaled: Scaled;
  let ada: Person;
  let fileId: string;

  beforeAll(async () => {
    const home = await tempFolder();
    await layCluster(join(home, "postgres"));
    const { signal } = new AbortController();
    const options = { home, port: await findFreePort(), env: await engineVariables(home), signal };
    scaled = await startScaled({ ...options, say: () => {}, pooled: true });
    ada = await signUp(scaled.url, "Ada");
  }, 300_000);
  afterAll(() => scaled?.[Symbol.asyncDispose]());

  test("a document is parsed, indexed and found", async () => {
    fileId = await ada.upload("tides.md", "# Tides\n\nSpring tides happen at new and full moon.\n");
    expect(await ada.settled(fileId, 120_000)).toMatchObject({ state: "DOCUMENT_STATE_READY", searchable: true });
    const { passages } = await ada.post("/v1/search", { query: "When do spring tides happen?", limit: 3 });
    expect(passages[0]).toMatchObject({ fileId, fileName: "tides.md" });
  });

  test("a question is answered in a stream, its citation word for word", async () => {
    const events = await ada.ask("When do spring tides happen?");
    expect(events.at(-1)?.data.done.finishReason).toBe("FINISH_REASON_STOP");
    const { citation } = events.find(({ event }) => event === "citation")?.data ?? {};
    const { text } = await ada.json(`/v1/documents/${fileId}/text`);
    expect(text.slice(citation.locator.charStart, citation.locator.charEnd)).toBe(citation.quote);
  });

  test("people talk in a room, where the assistant answers from its files", async () => {
    const ben = await signUp(scaled.url, "Ben");
    const { room } = await ada.post("/v1/rooms", { kind: "ROOM_KIND_GROUP", title: "Sea", memberIds: [ben.userId] });
    const say = (person: Person, text: string, fileIds: string[] = []) =>
      person.post(`/v1/rooms/${room.id}/messages`, { clientId: text, text, fileIds });
    await say(ada, "Look at this.", [fileId]);
    await say(ben, "@assistant When do spring tides happen?");
    const answered = async () => {
      const { messages } = await ben.json(`/v1/rooms/${room.id}/messages?page_size=50`);
      return messages.find(({ senderId }: { senderId: string }) => senderId === "assistant")?.text ?? "";
    };
    await expect.poll(answered, { timeout: 60_000 }).toContain("new and full moon");
  });

  test("all of it went through the pooler: without that nothing is answered", async () => {
    expect((await ada.fetch(`/v1/files/${fileId}`)).status).toBe(200);
    await scaled.pooler?.kill();
    expect((await ada.fetch(`/v1/files/${fileId}`)).status).toBe(503);
  });
});
