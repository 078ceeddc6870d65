import { expect, test } from "vitest";
import { createLane } from "./lane.ts";

test("runs one after the other, whatever becomes of each, and refuses a queue that is too long", async () => {
  const lane = createLane(3, () => new Error("busy"));
  const log: string[] = [];
  const work = (name: string, fail = false) =>
    lane(async () => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} ends`);
      if (fail) throw new Error(name);
      return name;
    });
  const first = work("a");
  const second = work("b", true);
  const third = work("c");
  await expect(work("d")).rejects.toThrow("busy");
  await expect(second).rejects.toThrow("b");
  expect(await Promise.all([first, third])).toEqual(["a", "c"]);
  expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  expect(await work("e")).toBe("e");
});
