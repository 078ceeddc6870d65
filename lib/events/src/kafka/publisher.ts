import { setTimeout as sleep } from "node:timers/promises";
import { Partitioners, type Producer } from "kafkajs";
import type { EventRecord } from "../event-record.ts";
import type { Cluster } from "./cluster.ts";
import { toMessage } from "./record.ts";

const sendTimeoutMs = 10_000;

/** Sends batches of events in order. */
export type Publisher = AsyncDisposable & { publish(records: readonly EventRecord[]): Promise<void> };

/**
 * An idempotent producer, which sends each batch once while it lives; a new one replaces it after a failure, since its numbers
 * may no longer fit the broker's. What that sends again, the consumers' inbox drops.
 */
export function createPublisher(cluster: Cluster): Publisher {
  let current: Promise<Producer> | undefined;
  const open = async () => {
    const producer = cluster.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { retries: 2, maxRetryTime: 1_000 },
    });
    await producer.connect();
    return producer;
  };
  const drop = async () => {
    const failed = current;
    current = undefined;
    await (await failed?.catch(() => undefined))?.disconnect().catch(() => {});
  };
  const send = async (records: readonly EventRecord[]) => {
    current ??= open();
    const byTopic = Map.groupBy(records, ({ topic }) => cluster.nameOf(topic));
    const topicMessages = [...byTopic].map(([topic, events]) => ({ topic, messages: events.map(toMessage) }));
    await (await current).sendBatch({ acks: -1, topicMessages, timeout: sendTimeoutMs });
  };
  return {
    async publish(records) {
      const timer = new AbortController();
      const late = sleep(sendTimeoutMs, undefined, { signal: timer.signal }).then(
        () => Promise.reject(Object.assign(new Error("Kafka took no events in 10 s."), { code: "ETIMEDOUT" })),
        () => {},
      );
      try {
        const sent = send(records);
        sent.catch(() => {});
        await Promise.race([sent, late]);
      } catch (error) {
        void drop();
        throw error;
      } finally {
        timer.abort();
      }
    },
    [Symbol.asyncDispose]: drop,
  };
}
