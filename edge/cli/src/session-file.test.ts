import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tempFolder } from "@lyceum/testing";
import { expect, test } from "vitest";
import { openSessionFile } from "./session-file.ts";

const session = {
  userId: "ada",
  email: "ada@example.org",
  sessionId: "s",
  accessToken: "a",
  refreshToken: "r",
  expiresAtMs: 1,
};

test("what one process writes, another reads", async () => {
  const path = join(await tempFolder(), "new/session.json");
  const [one, other] = [openSessionFile(path), openSessionFile(path)];
  expect(other.read()).toBeUndefined();
  one.write(session);
  expect(other.read()).toEqual(session);
  other.write(undefined);
  expect(one.read()).toBeUndefined();
});

test("a damaged file holds no session", async () => {
  const path = join(await tempFolder(), "session.json");
  await writeFile(path, '{"userId"');
  expect(openSessionFile(path).read()).toBeUndefined();
});

test("only one of all who share it works at a time, also after one that failed", async () => {
  const path = join(await tempFolder(), "session.json");
  let working = 0;
  const work = (fail: boolean) => async () => {
    working += 1;
    expect(working).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    working -= 1;
    if (fail) throw new Error("failed");
    return "done";
  };
  const all = [false, true, false].map((fail) => openSessionFile(path).exclusively(work(fail)));
  expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});
