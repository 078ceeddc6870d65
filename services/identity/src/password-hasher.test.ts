import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { parseOptions } from "@node-rs/argon2";
import { expect, test } from "vitest";
import { createPasswordHasher } from "./password-hasher.ts";

const never = new AbortController().signal;

test("hashes with argon2id, 19 MiB, two passes, one lane", async () => {
  const hasher = await createPasswordHasher();
  const stored = await hasher.hash("correct horse battery", never);
  expect(stored).toMatch(/^\$argon2id\$/);
  expect(parseOptions(stored)).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
});

test("knows the password, however its characters are composed", async () => {
  const hasher = await createPasswordHasher();
  const stored = await hasher.hash("caf\u00e9 au lait", never);
  expect(await hasher.verify(stored, "cafe\u0301 au lait", never)).toBe(true);
  expect(await hasher.verify(stored, "cafe au lait", never)).toBe(false);
});

test("without a stored hash never matches, and takes its turn all the same", async () => {
  const hasher = await createPasswordHasher(1, 0);
  const verifying = hasher.verify(undefined, "any password", never);
  await expect(hasher.verify(undefined, "any password", never)).rejects.toThrow("Too many people");
  expect(await verifying).toBe(false);
});

test("refuses with a time to wait when too many wait already", async () => {
  const hasher = await createPasswordHasher(1, 1);
  const admitted = [hasher.hash("the first one", never), hasher.hash("the second one", never)];
  const error = await hasher.hash("one too many", never).catch(ConnectError.from);
  if (!(error instanceof ConnectError)) throw new Error("was not refused");
  expect(error.code).toBe(Code.ResourceExhausted);
  expect(error.findDetails(ErrorInfoSchema)[0]?.reason).toBe("TOO_BUSY");
  expect(error.findDetails(RetryInfoSchema)[0]?.retryDelay?.seconds).toBe(1n);
  expect(error.metadata.get("retry-after")).toBe("1");
  await Promise.all(admitted);
});
