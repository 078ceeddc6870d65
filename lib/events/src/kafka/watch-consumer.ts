import type { Consumer, EachBatchHandler } from "kafkajs";
import { type Loop, startLoop } from "../loop.ts";
import { type Cluster, tryAgain } from "./cluster.ts";

/** What a consumer does. */
export type ConsumerWork = {
  readonly eachBatch: (...args: [...Parameters<EachBatchHandler>, Consumer]) => Promise<void>;
  /** The offset to begin at whenever a partition is assigned; without it, what the group committed, else the beginning. */
  readonly seekTo?: (partition: number) => number;
};

const checkMs = 5_000;
const stalledMs = 60_000;

/**
 * Runs a consumer until disposed, and puts a new one in its place when it ended by itself or has neither fetched nor beaten for
 * 60 s. Resolves when the first one has joined its group.
 */
export async function watchConsumer(
  cluster: Cluster,
  groupId: string,
  topics: readonly string[],
  work: ConsumerWork,
): Promise<AsyncDisposable> {
  let running = await tryAgain(() => openConsumer(cluster, groupId, topics, work));
  const step = async () => {
    if (!running.isOver() && running.idleMs() < stalledMs) return checkMs;
    cluster.log?.warn({ group: groupId, over: running.isOver() }, "a consumer stalled and is replaced");
    await running.close().catch(() => {});
    running = await openConsumer(cluster, groupId, topics, work);
    return checkMs;
  };
  const watching: Loop = startLoop(step, { loop: "consumer watch", group: groupId }, cluster.log);
  return {
    async [Symbol.asyncDispose]() {
      await watching[Symbol.asyncDispose]();
      await running.close();
    },
  };
}

type Running = { isOver(): boolean; idleMs(): number; close(): Promise<void> };

async function openConsumer(
  cluster: Cluster,
  groupId: string,
  topics: readonly string[],
  { eachBatch, seekTo }: ConsumerWork,
): Promise<Running> {
  const consumer = cluster.kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    rebalanceTimeout: 20_000,
    heartbeatInterval: 2_000,
    maxWaitTimeInMs: cluster.maxWaitMs,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5, restartOnFailure: async () => true },
  });
  let isOver = false;
  let lastLifeMs = Date.now();
  const { FETCH, HEARTBEAT, START_BATCH_PROCESS, END_BATCH_PROCESS, GROUP_JOIN, CRASH } = consumer.events;
  for (const event of [FETCH, HEARTBEAT, START_BATCH_PROCESS, END_BATCH_PROCESS, GROUP_JOIN]) {
    consumer.on(event, () => {
      lastLifeMs = Date.now();
    });
  }
  consumer.on(CRASH, ({ payload: { restart } }) => {
    if (!restart) isOver = true;
  });
  if (seekTo) {
    // Only here, and without waiting for anything, does a seek come before the first fetch.
    consumer.on(GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      for (const [topic, partitions] of Object.entries(memberAssignment)) {
        for (const partition of partitions) consumer.seek({ topic, partition, offset: `${seekTo(partition)}` });
      }
    });
  }
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: topics.map(cluster.nameOf), fromBeginning: true });
    const joined = Promise.withResolvers<void>();
    consumer.on(GROUP_JOIN, () => joined.resolve());
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: (payload) => eachBatch(payload, consumer),
    });
    await joined.promise;
  } catch (error) {
    await consumer.disconnect().catch(() => {});
    throw error;
  }
  return {
    isOver: () => isOver,
    idleMs: () => Date.now() - lastLifeMs,
    close: () => consumer.disconnect(),
  };
}
