import { randomBytes } from "node:crypto";
import { Partitioners, type Producer } from "kafkajs";
import { type EventStore, maxSignalBytes, type SignalListener } from "../event-store.ts";
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
  const listeners = new Map<string, Set<SignalListener>>();
  let waiting: Waiting[] = [];
  let sent: Promise<void> | undefined;
  let producer: Promise<Producer> | undefined;
  let hearing: Promise<AsyncDisposable> | undefined;

  function deliver({ topic: name, key, bytes }: Waiting): void {
    for (const listener of listeners.get(name) ?? []) {
      try {
        listener(key, bytes);
      } catch (error) {
        cluster.log?.warn({ err: error, topic: name }, "a signal was not taken");
      }
    }
  }

  async function openProducer(): Promise<Producer> {
    await openTopic(short, topic);
    const opened = cluster.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await opened.connect();
    return opened;
  }

  async function send(): Promise<void> {
    await new Promise(setImmediate);
    const batch = waiting;
    waiting = [];
    sent = undefined;
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
        if (source !== self) deliver({ topic: type, key, bytes: body });
      },
    });
  }

  return {
    async signal(name, key, bytes) {
      if (bytes.length > maxSignalBytes) throw new Error(`A signal takes at most ${maxSignalBytes} bytes.`);
      const one = { topic: name, key, bytes };
      deliver(one);
      waiting.push(one);
      sent ??= send();
      await sent;
    },
    async onSignal(name, onSignal) {
      hearing ??= hear().catch((error) => {
        hearing = undefined;
        throw error;
      });
      await hearing;
      const ofTopic = listeners.get(name) ?? new Set();
      listeners.set(name, ofTopic.add(onSignal));
      return { [Symbol.asyncDispose]: async () => void ofTopic.delete(onSignal) };
    },
    async [Symbol.asyncDispose]() {
      await (await hearing?.catch(() => undefined))?.[Symbol.asyncDispose]();
      await (await producer?.catch(() => undefined))?.disconnect();
    },
  };
}
