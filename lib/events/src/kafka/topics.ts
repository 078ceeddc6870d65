import { setTimeout as sleep } from "node:timers/promises";
import { fewPartitions } from "../event-store.ts";
import type { Cluster } from "./cluster.ts";

/** Where a partition begins and ends: the offsets of its first event and after its last. */
export type Span = { readonly partition: number; readonly low: number; readonly high: number };

/** Makes a topic with the configured partitions and retention if it is new, and says so if it has fewer. */
export async function openTopic(cluster: Cluster, topic: string): Promise<void> {
  const { partitions, retentionMs, log } = cluster;
  const name = cluster.nameOf(topic);
  if (!(await isThere(cluster, name))) {
    const configEntries = [
      { name: "cleanup.policy", value: "delete" },
      { name: "retention.ms", value: `${retentionMs}` },
      // A producer's clock decides nothing.
      { name: "message.timestamp.type", value: "LogAppendTime" },
    ];
    // False where another process was faster.
    await cluster.ask((admin) =>
      admin.createTopics({
        topics: [{ topic: name, numPartitions: partitions, configEntries }],
        waitForLeaders: true,
        timeout: 10_000,
      }),
    );
  }
  // What was just made shows only after a while.
  let spans = await readSpans(cluster, topic);
  for (let tries = 0; spans.length === 0 && tries < 50; tries += 1) {
    await sleep(200);
    spans = await readSpans(cluster, topic);
  }
  if (spans.length >= partitions) return;
  log?.warn({ topic: name, partitions: spans.length, wanted: partitions }, fewPartitions);
}

/** The partitions of a topic in order; none if it is not there. */
export async function readSpans(cluster: Cluster, topic: string): Promise<Span[]> {
  const name = cluster.nameOf(topic);
  if (!(await isThere(cluster, name))) return [];
  const offsets = await cluster.ask((admin) => admin.fetchTopicOffsets(name));
  return offsets
    .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
    .sort((a, b) => a.partition - b.partition);
}

/** The offset of each partition's first event logged at `time` or later, else its end. */
export async function findOffsets(cluster: Cluster, topic: string, time: Date): Promise<Map<number, number>> {
  const name = cluster.nameOf(topic);
  const offsets = await cluster.ask((admin) => admin.fetchTopicOffsetsByTimestamp(name, time.getTime()));
  return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]));
}

async function isThere(cluster: Cluster, name: string): Promise<boolean> {
  return (await cluster.ask((admin) => admin.listTopics())).includes(name);
}
