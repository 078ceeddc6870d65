import { setTimeout as delay } from "node:timers/promises";
import type { EventLog } from "@lyceum/events";
import type { Host } from "@lyceum/service";
import { eventually } from "@lyceum/testing";
import { expect, it } from "vitest";
import { watchRooms } from "./watch-rooms.ts";

const log = { warn() {} } as unknown as Host["log"];

function logThat(caughtUp: EventLog["caughtUp"]): EventLog {
  return { caughtUp } as EventLog;
}

it("knows the rooms once the log says that files has caught up, and not before", async () => {
  const gate = Promise.withResolvers<void>();
  await using rooms = watchRooms(
    logThat(() => gate.promise),
    log,
  );
  await delay(10);
  expect(rooms.areKnown()).toBe(false);
  gate.resolve();
  await eventually(() => expect(rooms.areKnown()).toBe(true));
});

it("asks again where the log cannot be asked", async () => {
  let asked = 0;
  await using rooms = watchRooms(
    logThat(async () => {
      if (++asked === 1) throw new Error("no log");
    }),
    log,
  );
  await eventually(() => expect(rooms.areKnown()).toBe(true));
  expect(asked).toBe(2);
});

it("ends while it waits", async () => {
  const rooms = watchRooms(
    logThat(
      (_group, _types, signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    ),
    log,
  );
  await rooms[Symbol.asyncDispose]();
  expect(rooms.areKnown()).toBe(false);
});
