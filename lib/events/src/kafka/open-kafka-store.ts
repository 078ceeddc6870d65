import { disposeAll } from "../dispose-all.ts";
import type { EventStore } from "../event-store.ts";
import { startLoop } from "../loop.ts";
import { createCluster, type KafkaOptions } from "./cluster.ts";
import { startGroupReader } from "./group-reader.ts";
import { createPublisher } from "./publisher.ts";
import { createConfluentRegistry } from "./schema-registry.ts";
import { createSignals } from "./signals.ts";
import { startTail } from "./tail.ts";
import { findOffsets, openTopic, readSpans } from "./topics.ts";

export type KafkaStoreOptions = KafkaOptions & {
  /** The root of the registry's API, with its path. */
  readonly registryUrl: string;
};

const newTopicMs = 1_000;

/** The log on Kafka with a Confluent-compatible registry. Fails if the cluster cannot be reached. */
export async function openKafkaStore(options: KafkaStoreOptions): Promise<EventStore> {
  const cluster = createCluster(options);
  await cluster.reach();
  const publisher = createPublisher(cluster);
  const signals = createSignals(cluster);

  async function followNow(...[topic, from, show]: Parameters<EventStore["follow"]>): Promise<AsyncDisposable> {
    const spans = await readSpans(cluster, topic);
    return startTail(cluster, {
      topic,
      from: await findOffsets(cluster, topic, from),
      until: new Map(spans.map(({ partition, high }) => [partition, high])),
      show,
    });
  }

  return {
    registry: createConfluentRegistry(options.registryUrl, options.namespace),
    openTopic: (topic) => openTopic(cluster, topic),
    publish: publisher.publish,
    readEnds: async (topic) => (await readSpans(cluster, topic)).map(({ high }) => high),
    consume: (group, topics, onParked) => startGroupReader(cluster, group, topics, onParked),
    async follow(topic, from, show) {
      if ((await readSpans(cluster, topic)).length > 0) return followNow(topic, from, show);
      // Nothing has happened in a topic that is not there; its owner makes it.
      let following: AsyncDisposable | undefined;
      const step = async () => {
        if (!following && (await readSpans(cluster, topic)).length > 0) following = await followNow(topic, from, show);
        return following ? 3_600_000 : newTopicMs;
      };
      const waiting = startLoop(step, { loop: "follow", topic }, cluster.log);
      return {
        async [Symbol.asyncDispose]() {
          await waiting[Symbol.asyncDispose]();
          await following?.[Symbol.asyncDispose]();
        },
      };
    },
    signal: signals.signal,
    onSignal: signals.onSignal,
    ping: () => cluster.reach(),
    async [Symbol.asyncDispose]() {
      await disposeAll([publisher, signals])[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
    },
  };
}
