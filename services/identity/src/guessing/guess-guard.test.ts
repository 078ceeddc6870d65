import { openDatabase } from "@lyceum/database";
import { freeDatabase } from "@lyceum/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failureOf } from "../test-identity.ts";
import { createGuessGuard, type Guess } from "./guess-guard.ts";

const never = new AbortController().signal;
let database: Awaited<ReturnType<typeof openDatabase>>;
beforeAll(async () => {
  const folder = new URL("../migrations", import.meta.url).pathname;
  const migrations = [{ folder, table: "migrations" }];
  database = await openDatabase({ url: await freeDatabase(), applicationName: "test", migrations });
});
afterAll(() => database[Symbol.asyncDispose]());

const guessAt = (subject: string, more: Partial<Guess> = {}): Guess => ({
  subject,
  network: "",
  device: undefined,
  signal: never,
  ...more,
});
const wrong = async () => undefined;
const right = async () => "in";

async function countRuns(guesses: readonly (() => Promise<unknown>)[]): Promise<number> {
  const settled = await Promise.allSettled(guesses.map((guess) => guess()));
  return settled.filter(({ status }) => status === "fulfilled").length;
}

test("wrong guesses made at once on several replicas are counted together", async () => {
  const replicas = [createGuessGuard(database), createGuessGuard(database)];
  const guesses = Array.from(
    { length: 60 },
    (_, index) => () => replicas[index % 2]?.guess(guessAt("ada"), wrong) as Promise<unknown>,
  );
  expect(await countRuns(guesses)).toBe(5);
  const failure = await failureOf(replicas[0]?.guess(guessAt("ada"), right) as Promise<unknown>);
  expect(failure.reason).toBe("TOO_MANY_ATTEMPTS");
});

test("right guesses count for nothing, however many are made at once", async () => {
  const guard = createGuessGuard(database);
  expect(await countRuns(Array.from({ length: 50 }, () => () => guard.guess(guessAt("grace"), right)))).toBe(50);
  for (let count = 0; count < 4; count += 1) await guard.guess(guessAt("grace"), wrong);
  expect(await countRuns(Array.from({ length: 20 }, () => () => guard.guess(guessAt("grace"), right)))).toBe(20);
});

test("a known device has a limit of its own", async () => {
  const guard = createGuessGuard(database);
  const stranger = guessAt("mary", { network: "203.0.113.0/24" });
  const owner = guessAt("mary", { network: "203.0.113.0/24", device: "phone" });
  expect(await countRuns(Array.from({ length: 20 }, () => () => guard.guess(stranger, wrong)))).toBe(5);
  expect(await guard.guess(owner, right)).toBe("in");
  expect(await countRuns(Array.from({ length: 20 }, () => () => guard.guess(owner, wrong)))).toBe(5);
});

test("one network cannot go on over many subjects, others can", async () => {
  const guard = createGuessGuard(database, 4);
  const spray = Array.from(
    { length: 200 },
    (_, index) => () => guard.guess(guessAt(`victim-${index}`, { network: "198.51.100.0/24" }), wrong),
  );
  const runs = await countRuns(spray);
  expect(runs).toBeGreaterThanOrEqual(100);
  expect(runs).toBeLessThanOrEqual(104);
  expect(await guard.guess(guessAt("victim-0", { network: "192.0.2.0/24" }), right)).toBe("in");
});

test("what breaks off is no failure", async () => {
  const guard = createGuessGuard(database);
  const breaking = () => guard.guess(guessAt("edsger"), () => Promise.reject(new Error("too busy")));
  for (let count = 0; count < 10; count += 1) await expect(breaking()).rejects.toThrow("too busy");
  expect(await guard.guess(guessAt("edsger"), right)).toBe("in");
});
