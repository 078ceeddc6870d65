import type { SignalListener } from "./event-store.ts";
import type { Log } from "./loop.ts";

/** What both engines do with signals in this process: listeners by topic, and one sending for all of a turn of the event loop. */
export type SignalHub<Waiting> = {
  /** Tells this process's listeners. */
  deliver(topic: string, key: string, bytes: Uint8Array): void;
  /** Resolves once the signal is sent to the others, together with what else was said in this turn. */
  send(one: Waiting): Promise<void>;
  listen(topic: string, onSignal: SignalListener): Disposable;
};

/** A hub whose signals leave by `sendAll`. */
export function createSignalHub<Waiting>(
  sendAll: (waiting: readonly Waiting[]) => Promise<unknown>,
  log: Log | undefined,
): SignalHub<Waiting> {
  const listeners = new Map<string, Set<SignalListener>>();
  let waiting: Waiting[] = [];
  let sent: Promise<void> | undefined;

  async function sendTurn(): Promise<void> {
    await new Promise(setImmediate);
    const batch = waiting;
    waiting = [];
    sent = undefined;
    await sendAll(batch);
  }

  return {
    deliver(topic, key, bytes) {
      for (const listener of listeners.get(topic) ?? []) {
        try {
          listener(key, bytes);
        } catch (error) {
          log?.warn({ err: error, topic }, "a signal was not taken");
        }
      }
    },
    send(one) {
      waiting.push(one);
      sent ??= sendTurn();
      return sent;
    },
    listen(topic, onSignal) {
      const ofTopic = listeners.get(topic) ?? new Set();
      listeners.set(topic, ofTopic.add(onSignal));
      return { [Symbol.dispose]: () => void ofTopic.delete(onSignal) };
    },
  };
}
