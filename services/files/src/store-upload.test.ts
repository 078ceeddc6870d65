import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import type { EventLog } from "@lyceum/events";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "./context.ts";
import { insertPendingBlob, listOwnFiles, listPendingBlobs } from "./store.ts";
import { discardPendingBlob, type StoreOptions, storeUpload } from "./store-upload.ts";
import { sweepPendingBlobs } from "./sweep.ts";
import { openTestContext, startFiles, type TestFiles } from "./test-files.ts";
import { findUsage } from "./usage-store.ts";

let service: TestFiles;
let ctx: Context;
const hour = 3_600_000;
const never = new AbortController().signal;
beforeAll(async () => {
  service = await startFiles();
  ctx = await openTestContext(service, join(service.host.home, "test"), { quotaBytes: 12 });
});
afterAll(() => service?.[Symbol.asyncDispose]());

async function* words() {
  yield Buffer.from("words");
}
const store = (
  context: Context,
  { bytes = words(), ...options }: Partial<StoreOptions> & { bytes?: AsyncIterable<Uint8Array> } = {},
) => {
  const defaults = { ownerId: "owner", limitBytes: 100, signal: never };
  return storeUpload(context, { name: "a.txt", folderId: "", bytes }, { ...defaults, ...options });
};

const pending = () => listPendingBlobs(ctx.database.db, new Date(Date.now() + hour));
const ownFiles = (ownerId: string) =>
  listOwnFiles(ctx.database.db, ownerId, { trashed: false, after: undefined, limit: 10 });
const blobFiles = () =>
  readdirSync(join(service.host.home, "test/blobs"), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );

it("leaves no row, blob or pending mark of an upload that fails at its last step", async () => {
  const events = { append: () => Promise.reject(new Error("no log")) } as unknown as EventLog;
  await expect(store({ ...ctx, events }, { ownerId: "unlucky" })).rejects.toThrow("no log");
  expect(await ownFiles("unlucky")).toEqual([]);
  expect(blobFiles()).toEqual([]);
  expect(await pending()).toEqual([]);
});

it("leaves nothing of an upload beyond the limit or aborted", async () => {
  await expect(store(ctx, { limitBytes: 4 })).rejects.toThrow("limited to 4 bytes");
  await expect(store(ctx, { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(blobFiles()).toEqual([]);
  expect(await pending()).toEqual([]);
});

it("says that an upload has failed while what it leaves cannot be discarded", async () => {
  const { sql } = service.host.database;
  await sql.begin(async (tx) => {
    async function* broken() {
      yield Buffer.from("words");
      await tx`lock table pending_blobs in exclusive mode`;
      throw new Error("gone");
    }
    await expect(store(ctx, { ownerId: "cut", bytes: broken() })).rejects.toThrow("gone");
  });
  await expect.poll(pending).toEqual([]);
  expect(blobFiles()).toEqual([]);
});

it.each(["usage", "pending_blobs"])("gives up in time where the database hangs at %s", async (table) => {
  const { sql } = service.host.database;
  await sql.begin(async (tx) => {
    await tx`lock table ${tx(table)} in access exclusive mode`;
    await expect(store(ctx, { ownerId: "patient", recordMs: 100 })).rejects.toMatchObject({
      code: Code.Unavailable,
      message: expect.stringContaining("in time"),
    });
  });
  await expect.poll(pending).not.toEqual([]);
  await sweepPendingBlobs(ctx, new Date(Date.now() + 48 * hour));
  expect([await ownFiles("patient"), await pending()]).toEqual([[], []]);
  expect(blobFiles()).toEqual([]);
});

it("gives up in time where the database hangs at the end, and the file is there or not, whole", async () => {
  const { sql } = service.host.database;
  await sql.begin(async (tx) => {
    async function* late() {
      yield Buffer.from("words");
      await tx`lock table usage in access exclusive mode`;
    }
    await expect(store(ctx, { ownerId: "late", bytes: late(), recordMs: 100 })).rejects.toMatchObject({
      code: Code.Unavailable,
      message: expect.stringContaining("in time"),
    });
  });
  await expect.poll(pending).toEqual([]);
  expect(blobFiles()).toHaveLength((await ownFiles("late")).length);
});

it("keeps to a quota, however many arrive at once", async () => {
  const stored = await Promise.allSettled(Array.from({ length: 6 }, () => store(ctx, { ownerId: "eager" })));
  expect(stored.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  for (const { reason } of stored.filter(({ status }) => status === "rejected") as PromiseRejectedResult[]) {
    expect(String(reason)).toContain("12 bytes in all");
  }
  expect(await ownFiles("eager")).toHaveLength(2);
  expect(await findUsage(ctx.database.db, "eager")).toMatchObject({ bytes: 10, files: 2 });
  expect(await pending()).toEqual([]);
});

it("keeps the bytes of a file whose commit was not heard of", async () => {
  const file = await store(ctx, { ownerId: "heard" });
  await discardPendingBlob(ctx, file.id);
  expect(await ctx.blobs.read(file.id, undefined, never)[Symbol.asyncIterator]().next()).toMatchObject({ done: false });
});

it("sweeps the blobs that a crash left, and no younger ones", async () => {
  const now = new Date();
  for (const [key, ageHours] of [
    ["old", 25],
    ["young", 23],
  ] as const) {
    await insertPendingBlob(ctx.database.db, key, new Date(now.getTime() - ageHours * hour));
    await ctx.blobs.put(key, words(), never);
  }
  await sweepPendingBlobs(ctx, now);
  expect(await pending()).toEqual(["young"]);
  const names = blobFiles().map(({ name }) => name);
  expect(names).toContain("young");
  expect(names).not.toContain("old");
});

it("gives up an upload whose blob was swept away under it", async () => {
  const blobs: Context["blobs"] = {
    ...ctx.blobs,
    async put(key, bytes, signal) {
      await ctx.blobs.put(key, bytes, signal);
      await discardPendingBlob(ctx, key);
    },
  };
  await expect(store({ ...ctx, blobs }, { ownerId: "swept" })).rejects.toThrow("swept away");
  expect(await ownFiles("swept")).toEqual([]);
});
