import type { Database } from "@lyceum/database";
import { maxSignalBytes, type SignalListener } from "../event-store.ts";
import type { Log } from "../loop.ts";
import { createSignalHub } from "../signal-hub.ts";
import { fromBase85, toBase85 } from "./base85.ts";
import type { Teller } from "./ends.ts";

const channel = "lyceum_signals";
// What Postgres takes; 6,000 bytes are 7,500 letters.
const maxPayloadBytes = 7_999;

/** What is said to whoever listens now; see EventLog. */
export type Signals = AsyncDisposable & {
  signal(topic: string, key: string, bytes: Uint8Array): Promise<void>;
  onSignal(topic: string, onSignal: SignalListener): Disposable;
};

/** Signals through NOTIFY: to this process directly, to the others in one statement for all of a turn of the event loop. */
export async function createSignals(
  { sql, listen }: Database,
  { self, isAlone }: Teller,
  log: Log | undefined,
): Promise<Signals> {
  const hub = createSignalHub<string>(
    (payloads) => sql`select pg_notify(${channel}, payload) from unnest(${[...payloads]}::text[]) as payload`,
    log,
  );
  const hearing = await listen(channel, (payload) => {
    const [from, topic, key, text] = JSON.parse(payload) as [string, string, string, string];
    if (from !== self) hub.deliver(topic, key, fromBase85(text));
  });

  return {
    async signal(topic, key, bytes) {
      const payload = JSON.stringify([self, topic, key, toBase85(bytes)]);
      if (bytes.length > maxSignalBytes || Buffer.byteLength(payload) > maxPayloadBytes) {
        throw new Error(`A signal takes at most ${maxSignalBytes} bytes, and its topic and key a few hundred.`);
      }
      hub.deliver(topic, key, bytes);
      if (!isAlone) await hub.send(payload);
    },
    onSignal: hub.listen,
    [Symbol.asyncDispose]: () => Promise.resolve(hearing[Symbol.asyncDispose]()),
  };
}
