import { expect, test } from "vitest";
import { type EventStore, fewPartitions } from "../event-store.ts";
import type { Log } from "../loop.ts";

type OpenStore = (options: { partitions: number; log: Log }) => Promise<EventStore>;

/** A topic keeps the partitions it was made with; whoever wants more is told, and goes on with those. */
export function testFewPartitions(name: string, openStore: OpenStore): void {
  test(`${name} names a topic that has fewer partitions than configured, and goes on`, async () => {
    const told: object[] = [];
    const log: Log = {
      info: () => {},
      warn: (fields, message) => void (message === fewPartitions && told.push(fields)),
    };
    await using first = await openStore({ partitions: 1, log });
    await first.openTopic("test.v1");
    expect(told).toEqual([]);
    await using second = await openStore({ partitions: 3, log });
    await second.openTopic("test.v1");
    expect(told).toEqual([{ topic: expect.stringMatching(/test\.v1$/), partitions: 1, wanted: 3 }]);
    expect(await second.readEnds("test.v1")).toEqual([0]);
  });
}
