import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { tempFolder } from "@lyceum/testing/temp-folder.ts";
import { expect, test } from "vitest";
import { openOutbox } from "./outbox.ts";
import { testMailer } from "./test-mailer.ts";

testMailer("the outbox", async () => {
  const outbox = await openOutbox(await tempFolder());
  return { mailer: outbox, received: () => outbox.list(), [Symbol.asyncDispose]: async () => {} };
});

const mail = { to: "ada@example.org", subject: "Hello", text: "Hello", html: "<p>Hello</p>" };

test("the outbox is for its owner's eyes, keeps the latest, and outlives a restart", async () => {
  const folder = join(await tempFolder(), "outbox");
  const outbox = await openOutbox(folder);
  for (let count = 1; count <= 203; count += 1) {
    await outbox.send({ ...mail, subject: `Mail ${count}` }, new AbortController().signal);
  }
  const names = await readdir(folder);
  expect(names).toHaveLength(200);
  expect((await stat(join(folder, names[0] as string))).mode & 0o777).toBe(0o600);
  const again = await openOutbox(folder);
  const [latest, ...others] = await again.list();
  expect(latest?.subject).toBe("Mail 203");
  expect(others.at(-1)?.subject).toBe("Mail 4");
  expect(await again.find(latest?.id ?? "")).toEqual(latest);
  expect(await again.find("../../etc/passwd")).toBeUndefined();
});
