import { ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { createUploadLocks, type Writer } from "./upload-locks.ts";

const now = () => performance.now();
const writer = (heardMs = now, stop = () => {}): Writer => ({ heardMs, stop });
const refusal = (promise: Promise<unknown>) => promise.then(() => undefined, ConnectError.from);

it("lets one writer at a time have an upload, and others have others", async () => {
  const locks = createUploadLocks();
  const first = await locks.acquire("a", writer());
  expect(String(await refusal(locks.acquire("a", writer())))).toContain("Another request");
  await locks.acquire("b", writer());
  first[Symbol.dispose]();
  await locks.acquire("a", writer());
});

it("waits a moment for a writer that is about to end", async () => {
  const locks = createUploadLocks();
  const first = await locks.acquire("a", writer());
  setTimeout(() => first[Symbol.dispose](), 50);
  await locks.acquire("a", writer());
});

it("stops a writer that has heard nothing for long, or that is to be taken over", async () => {
  const locks = createUploadLocks();
  for (const [heardMs, options] of [
    [() => now() - 10_000, {}],
    [now, { takeOver: true }],
  ] as const) {
    let lock: Disposable | undefined;
    lock = await locks.acquire(
      "a",
      writer(heardMs, () => lock?.[Symbol.dispose]()),
    );
    const second = await locks.acquire("a", writer(), options);
    second[Symbol.dispose]();
  }
});

it("gives one of two that wait the upload", async () => {
  const locks = createUploadLocks();
  const first = await locks.acquire("a", writer());
  const waiting = [locks.acquire("a", writer()), locks.acquire("a", writer())].map(refusal);
  first[Symbol.dispose]();
  expect((await Promise.all(waiting)).filter((error) => error === undefined)).toHaveLength(1);
});
