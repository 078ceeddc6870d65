import { randomBytes } from "node:crypto";
import { Partitioners, type Producer } from "kafkajs";
import { type EventStore, maxSignalBytes } from "../event-store.ts";
import { createSignalHub } from "../signal-hub.ts";
import type { Cluster } from "./cluster.ts";
import { startTail } from "./tail.ts";
import { openTopic, readSpans } from "./topics.ts";

const topic = "signals";
const retentionMs = 60_000;

type Waiting = { topic: string; key: string; bytes: Uint8Array };

/** Signals through a topic that keeps them for a minute: to this process directly, to the others in batches. */
export function createSignals(cluster: Cluster): Pick<EventStore, "signal" | "onSignal"> & AsyncDisposable {
  const self = randomBytes(6).toString("base64url");
  const short = { ...cluster, retentionMs };
  const hub = createSignalHub<Waiting>(send, cluster.log);
  let producer: Promise<Producer> | undefined;
  let hearing: Promise<AsyncDisposable> | undefined;

  async function openProducer(): Promise<Producer> {
    await openTopic(short, topic);
    const opened = cluster.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await opened.connect();
    return opened;
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    producer ??= openProducer();
    try {
      await (await producer).send({
        topic: cluster.nameOf(topic),
        acks: 1,
        messages: batch.map(({ topic: name, key, bytes }) => ({
          key,
          value: Buffer.from(bytes),
          headers: { ce_source: self, ce_type: name },
        })),
      });
    } catch (error) {
      const failed = producer;
      producer = undefined;
      void failed?.then((old) => old.disconnect()).catch(() => {});
      throw error;
    }
  }

  async function hear(): Promise<AsyncDisposable> {
    await openTopic(short, topic);
    const ends = new Map((await readSpans(cluster, topic)).map(({ partition, high }) => [partition, high]));
    return startTail(cluster, {
      topic,
      from: ends,
      until: new Map(),
      show: async ({ source, type, key, body }) => {
        if (source !== self) hub.deliver(type, key, body);
      },
    });
  }

  return {
    async signal(name, key, bytes) {
      if (bytes.length > maxSignalBytes) throw new Error(`A signal takes at most ${maxSignalBytes} bytes.`);
      hub.deliver(name, key, bytes);
      await hub.send({ topic: name, key, bytes });
    },
    async onSignal(name, onSignal) {
      hearing ??= hear().catch((error) => {
        hearing = undefined;
        throw error;
      });
      await hearing;
      const listening = hub.listen(name, onSignal);
      return { [Symbol.asyncDispose]: async () => listening[Symbol.dispose]() };
    },
    async [Symbol.asyncDispose]() {
      await (await hearing?.catch(() => undefined))?.[Symbol.asyncDispose]();
      await (await producer?.catch(() => undefined))?.disconnect();
    },
  };
}
