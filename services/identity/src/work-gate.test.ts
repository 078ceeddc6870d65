import { expect, test } from "vitest";
import { createWorkGate } from "./work-gate.ts";

const never = new AbortController().signal;
const gate = (inFlight: number, waiting: number) =>
  createWorkGate({ inFlight, waiting, refuse: () => new Error("too busy") });

test("runs no more than its limit at once, in the order they came", async () => {
  const { run } = gate(2, 10);
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const work = (number: number) => async () => {
    order.push(number);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    return number;
  };
  expect(await Promise.all([1, 2, 3, 4, 5].map((number) => run(work(number), never)))).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  expect(order).toEqual([1, 2, 3, 4, 5]);
});

test("refuses work when too much waits, and takes it again later", async () => {
  const { run } = gate(1, 1);
  const blocker = Promise.withResolvers<string>();
  const first = run(() => blocker.promise, never);
  const second = run(async () => "second", never);
  await expect(run(async () => "third", never)).rejects.toThrow("too busy");
  blocker.resolve("first");
  expect(await Promise.all([first, second])).toEqual(["first", "second"]);
  expect(await run(async () => "fourth", never)).toBe("fourth");
});

test("forgets waiting work whose caller is gone", async () => {
  const { run } = gate(1, 1);
  const blocker = Promise.withResolvers<void>();
  const gone = new AbortController();
  const first = run(() => blocker.promise, never);
  let ran = false;
  const second = run(async () => {
    ran = true;
  }, gone.signal);
  gone.abort(new Error("gone"));
  await expect(second).rejects.toThrow("gone");
  const third = run(async () => "third", never);
  blocker.resolve();
  await first;
  expect(await third).toBe("third");
  expect(ran).toBe(false);
});

test("gives the room of failed work to the next", async () => {
  const { run } = gate(1, 1);
  const failing = run(() => Promise.reject(new Error("failed")), never);
  const next = run(async () => "next", never);
  await expect(failing).rejects.toThrow("failed");
  expect(await next).toBe("next");
});
