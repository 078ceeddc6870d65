import type { Database } from "@lyceum/database";
import { fromBase85, toBase85 } from "./base85.ts";
import type { EventStore } from "./event-store.ts";

const channel = "lyceum_signals";
const maxBytes = 6_000;
// Postgres takes notifications of less than 8,000 bytes; 6,000 bytes are 7,500 letters.
const maxNameBytes = 450;

type Listener = (key: string, bytes: Uint8Array) => void;

/** Signals through NOTIFY: to this process directly, to the others in one statement for all of a turn of the event loop. */
export async function createSignals(
  { sql, listen }: Database,
  self: string,
): Promise<Pick<EventStore, "signal" | "onSignal"> & AsyncDisposable> {
  const listeners = new Map<string, Set<Listener>>();
  let waiting: string[] = [];
  let sent: Promise<unknown> | undefined;

  function deliver(topic: string, key: string, bytes: Uint8Array): void {
    for (const listener of listeners.get(topic) ?? []) listener(key, bytes);
  }

  async function send(): Promise<void> {
    await new Promise(setImmediate);
    const payloads = waiting;
    waiting = [];
    sent = undefined;
    await sql`select pg_notify(${channel}, payload) from unnest(${payloads}::text[]) as payload`;
  }

  const hearing = await listen(channel, (payload) => {
    const [from, topic, key, text] = JSON.parse(payload) as [string, string, string, string];
    if (from !== self) deliver(topic, key, fromBase85(text));
  });

  return {
    async signal(topic, key, bytes) {
      if (bytes.length > maxBytes || Buffer.byteLength(topic + key) > maxNameBytes) {
        throw new Error(`A signal takes at most ${maxBytes} bytes, its topic and key ${maxNameBytes} together.`);
      }
      deliver(topic, key, bytes);
      waiting.push(JSON.stringify([self, topic, key, toBase85(bytes)]));
      sent ??= send();
      await sent;
    },
    onSignal(topic, onSignal) {
      const ofTopic = listeners.get(topic) ?? new Set();
      listeners.set(topic, ofTopic.add(onSignal));
      return { [Symbol.dispose]: () => void ofTopic.delete(onSignal) };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(hearing[Symbol.asyncDispose]()),
  };
}
