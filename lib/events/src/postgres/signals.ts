import type { Database } from "@lyceum/database";
import { maxSignalBytes, type SignalListener } from "../event-store.ts";
import type { Log } from "../loop.ts";
import { fromBase85, toBase85 } from "./base85.ts";

const channel = "lyceum_signals";
// What Postgres takes; 6,000 bytes are 7,500 letters.
const maxPayloadBytes = 7_999;

/** What is said to whoever listens now; see EventLog. */
export type Signals = AsyncDisposable & {
  signal(topic: string, key: string, bytes: Uint8Array): Promise<void>;
  onSignal(topic: string, onSignal: SignalListener): Disposable;
};

/** Signals through NOTIFY: to this process directly, to the others in one statement for all of a turn of the event loop. */
export async function createSignals({ sql, listen }: Database, self: string, log: Log | undefined): Promise<Signals> {
  const listeners = new Map<string, Set<SignalListener>>();
  let waiting: string[] = [];
  let sent: Promise<unknown> | undefined;

  function deliver(topic: string, key: string, bytes: Uint8Array): void {
    for (const listener of listeners.get(topic) ?? []) {
      try {
        listener(key, bytes);
      } catch (error) {
        log?.warn({ err: error, topic }, "a signal was not taken");
      }
    }
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
      const payload = JSON.stringify([self, topic, key, toBase85(bytes)]);
      if (bytes.length > maxSignalBytes || Buffer.byteLength(payload) > maxPayloadBytes) {
        throw new Error(`A signal takes at most ${maxSignalBytes} bytes, and its topic and key a few hundred.`);
      }
      deliver(topic, key, bytes);
      waiting.push(payload);
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
