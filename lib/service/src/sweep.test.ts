import { afterEach, expect, test, vi } from "vitest";
import { startSweep } from "./sweep.ts";

afterEach(() => void vi.useRealTimers());

test("removals run one after the other, now and every hour, whatever one of them does, until it is disposed", async () => {
  vi.useFakeTimers();
  const ran: string[] = [];
  const warned: unknown[] = [];
  const removals = {
    sessions: async () => {
      ran.push("sessions");
      throw new Error("no database");
    },
    links: async (now: Date) => ran.push(`links ${now.getTime() - startMs}`),
  };
  const startMs = Date.now();
  const sweep = startSweep(removals, { warn: (fields: object) => warned.push(fields) } as never);
  await vi.advanceTimersByTimeAsync(0);
  await vi.advanceTimersByTimeAsync(3_600_000);
  await sweep[Symbol.asyncDispose]();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(ran).toEqual(["sessions", "links 0", "sessions", "links 3600000"]);
  expect(warned).toMatchObject([{ removing: "sessions" }, { removing: "sessions" }]);
});
