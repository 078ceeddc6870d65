import { openDatabase } from "@lyceum/database";
import { freeDatabase } from "@lyceum/testing";
import { expect, test } from "vitest";
import { findClockFault } from "./check-clock.ts";

test("a clock 5 minutes off is named with its direction, one that agrees is not", async () => {
  const options = { url: await freeDatabase(), applicationName: "test", migrations: [] };
  await using database = await openDatabase(options);
  expect(await findClockFault(database)).toBeUndefined();
  expect(await findClockFault(database, () => Date.now() + 300_000)).toMatch(/clock is 300 s ahead of the database's/);
  expect(await findClockFault(database, () => Date.now() - 300_000)).toMatch(/clock is 300 s behind the database's/);
});
