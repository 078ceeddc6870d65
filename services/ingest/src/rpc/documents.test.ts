import { Code, ConnectError } from "@connectrpc/connect";
import { fileDeleted } from "@lyceum/gen/events/lyceum/files/v1/file_deleted.ts";
import { documentIndexFailed } from "@lyceum/gen/events/lyceum/rag/v1/document_index_failed.ts";
import { documentIndexed } from "@lyceum/gen/events/lyceum/rag/v1/document_indexed.ts";
import { documentSearchable } from "@lyceum/gen/events/lyceum/rag/v1/document_searchable.ts";
import { DocumentState } from "@lyceum/gen/proto/lyceum/ingest/v1/document_pb.ts";
import { makePdf } from "@lyceum/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makePptx, makeXlsx, slideShape } from "../testing/make-zip.ts";
import { startIngest, type TestIngest } from "../testing/test-ingest.ts";

let ingest: TestIngest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest[Symbol.asyncDispose]());

const eventsOf = (type: string, fileId: string) =>
  ingest.process.events().filter((event) => event.type.endsWith(type) && event.key === fileId);

async function codeOf(call: Promise<unknown>): Promise<Code | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => ConnectError.from(error).code,
  );
}

test("an uploaded file becomes a document with text and passages, and says so", async () => {
  const file = await ingest.upload("ada", "notes.md", "text/markdown", "# Engines\n\nThe engine weaves *patterns*.");
  const document = await ingest.settled(file);
  expect(document).toMatchObject({
    state: DocumentState.INDEXING,
    fileName: "notes.md",
    passageCount: 1,
    pageCount: 0,
  });
  const { text } = await ingest.as("ada").getDocumentText({ fileId: file.id });
  expect(text).toBe("Engines\n\nThe engine weaves patterns.");
  const { passages } = await ingest.as("ada").listPassages({ fileId: file.id });
  expect(passages).toMatchObject([
    {
      id: `${file.id}_1_0`,
      ordinal: 0,
      text,
      locator: { charStart: 0, charEnd: text.length, headingPath: ["Engines"] },
    },
  ]);
  await ingest.process.eventually(() => expect(eventsOf("DocumentParsed", file.id)).toHaveLength(1));
  expect(eventsOf("DocumentParsed", file.id)[0]?.data).toMatchObject({ ownerId: "ada", revision: 1, passageCount: 1 });
});

test("passages of slides and sheets know theirs, and are verbatim", async () => {
  const slides = makePptx([
    slideShape("title", "Cells"),
    slideShape("title", "Roots") + slideShape("body", "They drink."),
  ]);
  const deck = await ingest.upload("ada", "deck.pptx", "application/zip", slides);
  expect(await ingest.settled(deck)).toMatchObject({ pageCount: 0, passageCount: 2 });
  const row = (number: number, a: string, b: string) =>
    `<row r="${number}"><c r="A${number}" t="str"><v>${a}</v></c><c r="B${number}"><v>${b}</v></c></row>`;
  const sheets = makeXlsx({
    Grades: `<row r="1"><c t="str"><v>Name</v></c><c t="str"><v>Grade</v></c></row>${row(2, "Ada", "1")}`,
  });
  const book = await ingest.upload("ada", "grades.xlsx", "application/zip", sheets);
  await ingest.settled(book);
  const placesOf = async (fileId: string) => {
    const { text } = await ingest.as("ada").getDocumentText({ fileId });
    const { passages } = await ingest.as("ada").listPassages({ fileId });
    for (const { text: quote, locator } of passages)
      expect(text.slice(locator?.charStart, locator?.charEnd)).toBe(quote);
    return passages.map(({ text: quote, locator }) => [locator?.slide, locator?.sheet, locator?.headingPath, quote]);
  };
  expect(await placesOf(deck.id)).toEqual([
    [1, "", ["Cells"], "Cells"],
    [2, "", ["Roots"], "Roots\n\nThey drink."],
  ]);
  expect(await placesOf(book.id)).toEqual([[0, "Grades", ["Grades"], "Grades\n\nName: Ada; Grade: 1"]]);
});

test("what rag tells moves the document on; news of another revision does not", async () => {
  const file = await ingest.upload("ada", "way.txt", "text/plain", "All the way.");
  await ingest.settled(file);
  const document = async () => (await ingest.as("ada").getDocument({ fileId: file.id })).document;
  await ingest.publish(documentIndexed({ fileId: file.id, revision: 7, version: 1 }));
  await ingest.publish(documentSearchable({ fileId: file.id, revision: 1, version: 1 }));
  await ingest.process.eventually(async () =>
    expect(await document()).toMatchObject({ state: DocumentState.INDEXING, searchable: true, stage: "embedding" }),
  );
  await ingest.publish(documentIndexed({ fileId: file.id, revision: 1, version: 2 }));
  await ingest.process.eventually(async () =>
    expect(await document()).toMatchObject({ state: DocumentState.READY, searchable: true, progress: 1 }),
  );
});

test("a file whose event is under way has a document that waits", async () => {
  const file = ingest.keep("ada", "early.txt", "text/plain", "Early.");
  const { document } = await ingest.as("ada").getDocument({ fileId: file.id });
  expect(document).toMatchObject({ fileId: file.id, state: DocumentState.QUEUED, fileName: "early.txt" });
  expect(await codeOf(ingest.as("ada").getDocumentText({ fileId: file.id }))).toBe(Code.FailedPrecondition);
  expect(await codeOf(ingest.as("ada").retryDocument({ fileId: file.id }))).toBe(Code.FailedPrecondition);
});

test("whoever may read the file may read its document, and no one else", async () => {
  const file = await ingest.upload("ada", "shared.txt", "text/plain", "Shared words.");
  await ingest.settled(file);
  const grace = ingest.as("grace");
  const all = () => [
    grace.getDocument({ fileId: file.id }),
    grace.getDocumentText({ fileId: file.id }),
    grace.listPassages({ fileId: file.id }),
    grace.retryDocument({ fileId: file.id }),
  ];
  expect(await Promise.all(all().map(codeOf))).toEqual(Array(4).fill(Code.NotFound));
  file.readers.add("grace");
  expect(await Promise.all(all().map(codeOf))).toEqual([undefined, undefined, undefined, Code.PermissionDenied]);
  expect(await codeOf(grace.getDocument({ fileId: "nobody's \0 file" }))).toBe(Code.NotFound);
});

test("files that can't be read are FAILED with the reason in words", async () => {
  const cases = [
    ["empty.txt", "text/plain", "", "EMPTY"],
    ["blank.md", "text/markdown", " \n\n", "EMPTY"],
    ["photo.png", "image/png", "\u0089PNG", "UNSUPPORTED"],
    ["files.zip", "application/zip", "PK\u0005\u0006", "UNSUPPORTED"],
    ["page.html", "text/html", "<!doctype html><img src=x>", "NO_TEXT"],
    ["broken.pdf", "application/pdf", "%PDF-1.7\nnothing", "CORRUPT"],
    ["scan.pdf", "application/pdf", makePdf([[], []]), "NO_TEXT"],
  ] as const;
  for (const [name, mediaType, content, reason] of cases) {
    const file = await ingest.upload("ada", name, mediaType, content);
    const document = await ingest.settled(file);
    expect(document).toMatchObject({ state: DocumentState.FAILED, fileName: name, failure: { reason } });
    expect(document.failure?.message).toMatch(/^[A-Z].+\.$/);
    await ingest.process.eventually(() => expect(eventsOf("DocumentFailed", file.id)).toHaveLength(1));
    expect(eventsOf("DocumentFailed", file.id)[0]?.data).toMatchObject({ reason, ownerId: "ada" });
  }
});

test("retrying reads a failed document anew under a new revision", async () => {
  const file = await ingest.upload("ada", "again.txt", "text/plain", "Once more.");
  await ingest.settled(file);
  expect(await codeOf(ingest.as("ada").retryDocument({ fileId: file.id }))).toBe(Code.FailedPrecondition);
  await ingest.publish(documentIndexFailed({ fileId: file.id, revision: 1, reason: "BROKEN", version: 1 }));
  const document = async () => (await ingest.as("ada").getDocument({ fileId: file.id })).document;
  await ingest.process.eventually(async () => expect((await document())?.failure?.reason).toBe("INDEX_FAILED"));
  const { document: retried } = await ingest.as("ada").retryDocument({ fileId: file.id });
  expect(retried).toMatchObject({ state: DocumentState.QUEUED, fileName: "again.txt" });
  expect(retried?.failure).toBeUndefined();
  await ingest.process.eventually(() => expect(eventsOf("DocumentParsed", file.id)).toHaveLength(2));
  expect(eventsOf("DocumentParsed", file.id)[1]?.data).toMatchObject({ revision: 2 });
  const { client, options } = await ingest.asRag();
  const { passages } = await client.batchGetPassages({ passageIds: [`${file.id}_1_0`, `${file.id}_2_0`] }, options);
  expect(passages.map(({ passage }) => passage?.id)).toEqual([`${file.id}_2_0`]);
});

test("a trashed file's document leaves the list and stays with its owner", async () => {
  const file = await ingest.upload("joan", "gone.txt", "text/plain", "Soon gone.");
  await ingest.settled(file);
  file.readers.add("grace");
  const listed = async () => (await ingest.as("joan").listDocuments({})).documents.map(({ fileId }) => fileId);
  expect(await listed()).toEqual([file.id]);
  await ingest.trash(file);
  await ingest.process.eventually(async () => expect(await listed()).toEqual([]));
  expect((await ingest.as("joan").getDocument({ fileId: file.id })).document?.fileName).toBe("gone.txt");
  expect(await codeOf(ingest.as("grace").getDocument({ fileId: file.id }))).toBe(Code.NotFound);
});

test("cancelling before all is indexed leaves nothing to find; late news changes nothing, retrying reads anew", async () => {
  const file = await ingest.upload("ada", "cancel.txt", "text/plain", "Stop the presses.");
  await ingest.settled(file);
  const ada = ingest.as("ada");
  const document = async () => (await ada.getDocument({ fileId: file.id })).document;
  await ada.cancelDocument({ fileId: file.id });
  expect(await document()).toMatchObject({
    state: DocumentState.FAILED,
    passageCount: 0,
    failure: { reason: "CANCELED" },
  });
  await ingest.process.eventually(() => expect(eventsOf("DocumentFailed", file.id)).toHaveLength(1));
  expect(await codeOf(ada.getDocumentText({ fileId: file.id }))).toBe(Code.FailedPrecondition);
  const { client, options } = await ingest.asRag();
  expect((await client.batchGetPassages({ passageIds: [`${file.id}_1_0`] }, options)).passages).toEqual([]);
  await ingest.publish(documentSearchable({ fileId: file.id, revision: 1, version: 1 }));
  await ingest.publish(documentIndexed({ fileId: file.id, revision: 1, version: 2 }));
  await ingest.heardAll();
  expect(await codeOf(ada.cancelDocument({ fileId: file.id }))).toBe(Code.FailedPrecondition);
  await ada.retryDocument({ fileId: file.id });
  await ingest.process.eventually(async () => expect((await document())?.state).toBe(DocumentState.INDEXING));
  expect((await ada.listPassages({ fileId: file.id })).passages[0]?.id).toBe(`${file.id}_3_0`);
});

test("only the owner cancels, and only what is on its way", async () => {
  const file = await ingest.upload("ada", "shared.txt", "text/plain", "Not yours to stop.");
  await ingest.settled(file);
  const cancel = (userId: string) => codeOf(ingest.as(userId).cancelDocument({ fileId: file.id }));
  expect(await cancel("grace")).toBe(Code.NotFound);
  file.readers.add("grace");
  expect(await cancel("grace")).toBe(Code.PermissionDenied);
  await ingest.publish(documentIndexed({ fileId: file.id, revision: 1, version: 1 }));
  const state = async () => (await ingest.as("ada").getDocument({ fileId: file.id })).document?.state;
  await ingest.process.eventually(async () => expect(await state()).toBe(DocumentState.READY));
  expect(await cancel("ada")).toBe(Code.FailedPrecondition);
});

test("of a purged file nothing is left, and nothing late brings it back", async () => {
  const content = "# Purge\n\nThe very same words, twice.";
  const [kept, gone] = [
    await ingest.upload("tim", "kept.md", "text/markdown", content),
    await ingest.upload("tim", "gone.md", "text/markdown", content),
  ];
  for (const file of [kept, gone]) await ingest.settled(file);
  const { sql } = ingest.process.host("ingest").database;
  const left = async (fileId: string) => [
    (await sql`select 1 from documents where file_id = ${fileId}`).length,
    (await sql`select 1 from contents where owner_id = 'tim'`).length,
    (await sql`select 1 from passages join contents on id = content_id where owner_id = 'tim'`).length,
  ];
  await ingest.trash(gone);
  await ingest.purge(gone);
  await ingest.process.eventually(async () => expect(await left(gone.id)).toEqual([0, 1, 1]));
  expect((await ingest.as("tim").getDocumentText({ fileId: kept.id })).text).toContain("twice");
  expect(await codeOf(ingest.as("tim").getDocument({ fileId: gone.id }))).toBe(Code.NotFound);
  await ingest.purge(kept);
  await ingest.process.eventually(async () => expect(await left(kept.id)).toEqual([0, 0, 0]));
  await ingest.restore(kept);
  await ingest.announce(kept);
  await ingest.heardAll();
  expect(await left(kept.id)).toEqual([0, 0, 0]);
  expect((await ingest.as("tim").listDocuments({})).documents).toEqual([]);
});

test("late news of the trash changes nothing", async () => {
  const file = await ingest.upload("vera", "back.txt", "text/plain", "Back again.");
  await ingest.settled(file);
  await ingest.trash(file);
  await ingest.restore(file);
  const { id: fileId, ownerId, version } = file;
  await ingest.publish(fileDeleted({ fileId, ownerId, version: version - 1 }));
  await ingest.heardAll();
  expect((await ingest.as("vera").listDocuments({})).documents).toHaveLength(1);
});

test("the same bytes of one owner are read once, another owner's anew", async () => {
  const content = "The very same words.";
  const [first, second, third] = [
    await ingest.upload("mary", "one.txt", "text/plain", content),
    await ingest.upload("mary", "two.txt", "text/plain", content),
    await ingest.upload("emmy", "three.txt", "text/plain", content),
  ] as const;
  for (const file of [first, second, third]) expect((await ingest.settled(file)).passageCount).toBe(1);
  const again = await ingest.upload("mary", "four.txt", "text/plain", content);
  const { passages } = await ingest.settled(again).then(() => ingest.as("mary").listPassages({ fileId: again.id }));
  expect(passages[0]?.id).toBe(`${again.id}_1_0`);
  expect(ingest.reads).not.toContain(again.id);
  expect(ingest.reads).toContain(third.id);
});

test("lists come in pages, the latest first, and a damaged token is refused", async () => {
  const ids: string[] = [];
  for (const name of ["a.txt", "b.txt", "c.txt"])
    ids.unshift((await ingest.upload("lise", name, "text/plain", name)).id);
  const lise = ingest.as("lise");
  await ingest.process.eventually(async () => expect((await lise.listDocuments({})).documents).toHaveLength(3));
  const first = await lise.listDocuments({ pageSize: 2 });
  const second = await lise.listDocuments({ pageSize: 2, pageToken: first.nextPageToken });
  expect([...first.documents, ...second.documents].map(({ fileId }) => fileId)).toEqual(ids);
  expect([...first.documents, ...second.documents].map(({ fileName }) => fileName)).toEqual([
    "c.txt",
    "b.txt",
    "a.txt",
  ]);
  expect(second.nextPageToken).toBe("");
  for (const pageToken of ["damaged", "bnVsbA", "WzEsMl0"]) {
    expect(await codeOf(lise.listDocuments({ pageToken }))).toBe(Code.InvalidArgument);
  }
});

test("a file waits while files is down, and is read when it is back", async () => {
  ingest.filesDown = true;
  const file = await ingest.upload("ada", "later.txt", "text/plain", "Later.");
  await new Promise((resolve) => setTimeout(resolve, 500));
  ingest.filesDown = false;
  expect((await ingest.settled(file)).passageCount).toBe(1);
});

test("rag streams all passages of a revision, and finds places for quotes", async () => {
  const pages = [["Ada wrote the first program.", "It was never run."], ["A second page follows here."]];
  const file = await ingest.upload("ada", "two.pdf", "application/pdf", makePdf(pages));
  expect(await ingest.settled(file)).toMatchObject({ pageCount: 2, passageCount: 2 });
  const { client, options } = await ingest.asRag();
  const streamed = [];
  for await (const { passages } of client.streamPassages({ fileId: file.id, revision: 1n }, options))
    streamed.push(...passages);
  expect(streamed.map(({ locator }) => locator?.page)).toEqual([1, 2]);
  const read = async () => {
    for await (const _ of client.streamPassages({ fileId: file.id, revision: 2n }, options));
  };
  expect(await codeOf(read())).toBe(Code.NotFound);
  const { text, pages: places } = await ingest.as("ada").getDocumentText({ fileId: file.id });
  expect(text.slice(places[1]?.charStart, places[1]?.charEnd)).toBe("A second page follows here.");
  const charStart = text.indexOf("second");
  const passageId = streamed[1]?.id ?? "";
  const quotes = [
    { passageId, charStart, charEnd: charStart + "second page".length },
    { passageId, charStart: 0, charEnd: 5 },
    { passageId: "unknown", charStart: 0, charEnd: 5 },
  ];
  const located = (await client.batchLocateQuotes({ quotes }, options)).quotes;
  expect(located).toHaveLength(1);
  const notes = await ingest.upload(
    "ada",
    "notes.md",
    "text/markdown",
    "# One\n\nFirst words.\n\n# Two\n\nLast words.",
  );
  await ingest.settled(notes);
  const [passage] = (await ingest.as("ada").listPassages({ fileId: notes.id })).passages;
  const end = passage?.locator?.charEnd ?? 0;
  const last = { passageId: passage?.id ?? "", charStart: end - "Last words.".length, charEnd: end };
  const [placed] = (await client.batchLocateQuotes({ quotes: [last] }, options)).quotes;
  expect(placed?.locator?.headingPath).toEqual(["Two"]);
  const [box] = located[0]?.locator?.boxes ?? [];
  expect(box?.page).toBe(2);
  expect(box?.x).toBeCloseTo((72 + 12 * 0.945) / 612, 2);
  expect(box?.y).toBeCloseTo((792 - 720 - 10) / 792, 1);
});

test("watching shows the unfinished first, then every change until the caller goes", async () => {
  const end = new AbortController();
  const file = ingest.keep("watcher", "watched.txt", "text/plain", "Watch me.");
  const states: [DocumentState, boolean][] = [];
  const watching = (async () => {
    for await (const { document } of ingest
      .as("watcher")
      .watchDocuments({ fileIds: [file.id] }, { signal: end.signal })) {
      states.push([document?.state ?? 0, document?.searchable ?? false]);
    }
  })();
  await ingest.process.eventually(() => expect(states).toEqual([[DocumentState.QUEUED, false]]));
  await ingest.announce(file);
  await ingest.process.eventually(() => expect(states.at(-1)).toEqual([DocumentState.INDEXING, false]));
  await ingest.publish(documentSearchable({ fileId: file.id, revision: 1, version: 1 }));
  await ingest.process.eventually(() => expect(states.at(-1)).toEqual([DocumentState.INDEXING, true]));
  await ingest.publish(documentIndexed({ fileId: file.id, revision: 1, version: 2 }));
  await ingest.process.eventually(() => expect(states.at(-1)).toEqual([DocumentState.READY, true]));
  end.abort();
  expect(await codeOf(watching)).toBe(Code.Canceled);
});

test("watching a shared document goes on when the token has ended, and falls silent when the share has", async () => {
  const end = new AbortController();
  const file = await ingest.upload("sharer", "shared.txt", "text/plain", "Shared.");
  file.readers.add("reader");
  await ingest.settled(file);
  const seen: number[] = [];
  const watching = (async () => {
    const watched = ingest.as("reader").watchDocuments({ fileIds: [file.id] }, { signal: end.signal });
    for await (const { document } of watched) seen.push(document?.state ?? 0);
  })();
  await ingest.process.eventually(() => expect(seen).toEqual([DocumentState.INDEXING]));
  ingest.tokensEnded = true;
  await ingest.publish(documentIndexed({ fileId: file.id, revision: 1, version: 1 }));
  await ingest.process.eventually(() => expect(seen).toEqual([DocumentState.INDEXING, DocumentState.READY]));
  ingest.tokensEnded = false;
  file.readers.clear();
  await ingest.trash(file);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(seen).toHaveLength(2);
  end.abort();
  expect(await codeOf(watching)).toBe(Code.Canceled);
});

test("watching one's own documents hears of new ones; a foreign one is not found", async () => {
  const end = new AbortController();
  const names: string[] = [];
  const watching = (async () => {
    for await (const { document } of ingest.as("newcomer").watchDocuments({}, { signal: end.signal })) {
      names.push(`${document?.fileName}`);
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const file = await ingest.upload("newcomer", "new.txt", "text/plain", "New.");
  await ingest.process.eventually(() => expect(names).toContain("new.txt"));
  end.abort();
  await watching.catch(() => {});
  const foreign = async () => {
    for await (const _ of ingest.as("stranger").watchDocuments({ fileIds: [file.id] }));
  };
  expect(await codeOf(foreign())).toBe(Code.NotFound);
});
