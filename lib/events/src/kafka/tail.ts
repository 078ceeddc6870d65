import { randomBytes } from "node:crypto";
import type { LoggedEvent } from "../event-record.ts";
import type { Cluster } from "./cluster.ts";
import { toLoggedEvent } from "./record.ts";
import { watchConsumer } from "./watch-consumer.ts";

/** What is read and from where. */
export type TailOptions = {
  readonly topic: string;
  /** The offset to begin at, by partition. */
  readonly from: ReadonlyMap<number, number>;
  /** Read up to these offsets before `startTail` resolves. */
  readonly until: ReadonlyMap<number, number>;
  /** One at which it throws is shown again after a pause. */
  readonly show: (record: LoggedEvent) => Promise<void>;
};

const retryMs = 1_000;

/** Reads a topic alone and by offset, as a group of its own that commits nothing and is deleted at the end. */
export async function startTail(cluster: Cluster, { topic, from, until, show }: TailOptions): Promise<AsyncDisposable> {
  const name = cluster.nameOf(topic);
  const groupId = cluster.nameOf(`tail-${randomBytes(9).toString("base64url")}`);
  const positions = new Map(from);
  const caughtUp = Promise.withResolvers<void>();
  const check = () => {
    if ([...until].every(([partition, end]) => (positions.get(partition) ?? 0) >= end)) caughtUp.resolve();
  };
  check();
  const watched = await watchConsumer(cluster, groupId, [topic], {
    seekTo: (partition) => positions.get(partition) ?? 0,
    eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale, pause }) => {
      for (const message of batch.messages) {
        if (!isRunning() || isStale()) return;
        const record = toLoggedEvent(topic, batch.partition, message);
        if (record.offset < (positions.get(batch.partition) ?? 0)) continue;
        try {
          await show(record);
        } catch (error) {
          cluster.log?.warn({ err: error, topic: name }, "a followed event cannot be shown now");
          setTimeout(pause(), retryMs).unref();
          return;
        }
        positions.set(batch.partition, record.offset + 1);
        resolveOffset(message.offset);
      }
      check();
      await heartbeat();
    },
  });
  await caughtUp.promise;
  return {
    async [Symbol.asyncDispose]() {
      await watched[Symbol.asyncDispose]();
      // Left behind, it expires by itself.
      await cluster.ask((admin) => admin.deleteGroups([groupId])).catch(() => {});
    },
  };
}
