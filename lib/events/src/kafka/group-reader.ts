import type { Batch, Consumer, EachBatchPayload } from "kafkajs";
import { applyBatch } from "../apply-batch.ts";
import { LostLogError, openCursors } from "../cursors.ts";
import type { Group } from "../delivery.ts";
import { disposeAll } from "../dispose-all.ts";
import type { LoggedEvent } from "../event-record.ts";
import { startLoop } from "../loop.ts";
import type { Cluster } from "./cluster.ts";
import { toLoggedEvent } from "./record.ts";
import { readSpans } from "./topics.ts";
import { watchConsumer } from "./watch-consumer.ts";

const chunkSize = 200;
const otherMemberMs = 500;
const maxBackoffMs = 5_000;
const newTopicsMs = 1_000;

/**
 * Delivers topics to one member of a group. The consumer's database decides where the group is; Kafka's committed offset is a
 * hint that makes most batches begin at the right place. Topics that are not there yet are read once their owner makes them.
 */
export async function startGroupReader(
  cluster: Cluster,
  group: Group,
  topics: readonly string[],
  onParked: () => void,
): Promise<AsyncDisposable> {
  let reading: AsyncDisposable | undefined;
  let read: readonly string[] = [];
  const step = async () => {
    const there = await listPresent(cluster, group, topics);
    if (there.length > read.length) {
      await reading?.[Symbol.asyncDispose]();
      const work = createWork(cluster, group, onParked);
      reading = await watchConsumer(cluster, cluster.nameOf(group.name), there, work);
      read = there;
    }
    return read.length === topics.length ? 3_600_000 : newTopicsMs;
  };
  await step();
  const waiting = startLoop(step, { loop: "topics", group: group.name }, cluster.log);
  return {
    async [Symbol.asyncDispose]() {
      await disposeAll([waiting])[Symbol.asyncDispose]();
      await reading?.[Symbol.asyncDispose]();
    },
  };
}

/** The topics that are there, with the group's cursors in them checked and set. */
async function listPresent(cluster: Cluster, group: Group, topics: readonly string[]): Promise<string[]> {
  const there: string[] = [];
  for (const topic of topics) {
    const spans = await readSpans(cluster, topic);
    if (spans.length === 0) continue;
    const cursors = await openCursors(
      group,
      topic,
      spans.map(({ high }) => high),
    );
    for (const { partition, low } of spans) checkKept(group, topic, partition, cursors[partition] ?? 0, low);
    there.push(topic);
  }
  return there;
}

function checkKept(group: Group, topic: string, partition: number, next: number, low: number): void {
  if (next >= low || (next === 0 && low === 0)) return;
  throw new LostLogError(
    `${group.name} has handled ${next} events of partition ${partition} of ${topic}, but the log begins at ${low}: retention took events before they were handled.`,
  );
}

function createWork(cluster: Cluster, group: Group, onParked: () => void) {
  const failures = new Map<string, number>();

  async function eachBatch(payload: EachBatchPayload, consumer: Consumer): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    const topic = batch.topic.slice(cluster.nameOf("").length);
    const place = `${topic} ${batch.partition}`;
    const records = batch.messages.map((message) => toLoggedEvent(topic, batch.partition, message));
    for (let at = 0; at < records.length; at += chunkSize) {
      if (!isRunning() || isStale()) return;
      const next = await tryChunk(payload, place, topic, records.slice(at, at + chunkSize));
      if (next === undefined) return;
      const last = records[Math.min(at + chunkSize, records.length) - 1]?.offset ?? 0;
      if (next !== last + 1) {
        await goTo(consumer, payload, topic, next);
        return;
      }
      resolveOffset(`${last}`);
      failures.delete(place);
      await heartbeat();
    }
    commitHint(consumer, batch, (records.at(-1)?.offset ?? 0) + 1);
  }

  /** Handles a chunk; answers where to go on, or nothing where the partition was paused. */
  async function tryChunk(
    payload: EachBatchPayload,
    place: string,
    topic: string,
    chunk: readonly LoggedEvent[],
  ): Promise<number | undefined> {
    // Whatever is thrown out of here would hold up the healthy partitions too.
    try {
      const { partition } = payload.batch;
      const outcome = await applyBatch(group, topic, partition, chunk);
      if (outcome.parked > 0) onParked();
      if (outcome.missing !== undefined) throw outcome.missing;
      if (outcome.next !== undefined) return outcome.next;
      await openCursors(
        group,
        topic,
        (await readSpans(cluster, topic)).map(({ high }) => high),
      );
      wait(payload, otherMemberMs);
    } catch (error) {
      const count = (failures.get(place) ?? 0) + 1;
      failures.set(place, count);
      if (count === 1) cluster.log?.warn({ err: error, group: group.name, place }, "paused, trying again");
      wait(payload, Math.min(maxBackoffMs, 50 * 2 ** count));
    }
    return undefined;
  }

  async function goTo(consumer: Consumer, payload: EachBatchPayload, topic: string, next: number): Promise<void> {
    const { partition, highWatermark } = payload.batch;
    const spans = await readSpans(cluster, topic).catch(() => []);
    const low = spans[partition]?.low ?? 0;
    // Kafka would silently begin elsewhere.
    if (next > Number(highWatermark) || next < low) {
      cluster.log?.warn(
        { group: group.name, topic, partition, next, low, highWatermark },
        "the log does not hold what this group has to handle next: the partition stands still",
      );
      wait(payload, maxBackoffMs);
      return;
    }
    consumer.seek({ topic: payload.batch.topic, partition, offset: `${next}` });
  }

  return { eachBatch };
}

function wait({ pause }: EachBatchPayload, ms: number): void {
  setTimeout(pause(), ms).unref();
}

/** For tools that show lag, and a good place to begin after a rebalance. */
function commitHint(consumer: Consumer, { topic, partition }: Batch, next: number): void {
  consumer.commitOffsets([{ topic, partition, offset: `${next}` }]).catch(() => {});
}
