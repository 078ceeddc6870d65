import type { Lyceum, File as StoredFile } from "@lyceum/client";
import { createStore, type Store } from "../app/store.ts";

/** A file on its way to the library. */
export type Upload = {
  readonly key: string;
  readonly file: File;
  readonly state: "waiting" | "sending" | "stored" | "failed";
  /** How much of it has left, 0 to 1. */
  readonly share: number;
  readonly stored?: StoredFile;
  readonly error?: unknown;
};

/** The uploads of this tab, the latest first. */
export type Uploads = {
  readonly list: Store<readonly Upload[]>;
  /** Tells of each file once it is stored, under the key it has until then; answers the keys in the order of the files. */
  add(files: readonly File[], onStored?: (key: string, stored: StoredFile) => void): readonly string[];
  /** Sends a failed one again. */
  retry(key: string): void;
  /** Stops it if it is under way, and forgets it. */
  forget(key: string): void;
  clear(): void;
};

/** How many are sent at once; browsers open only six connections to one HTTP/1 host, and live updates need one. */
const lanes = 2;

export function createUploads(lyceum: Lyceum): Uploads {
  const list = createStore<readonly Upload[]>([]);
  const sending = new Map<string, AbortController>();
  const listeners = new Map<string, (key: string, stored: StoredFile) => void>();
  let made = 0;

  const change = (key: string, to: Partial<Upload>) =>
    list.set((uploads) => uploads.map((upload) => (upload.key === key ? { ...upload, ...to } : upload)));

  function sendNext(): void {
    const next = list.get().findLast(({ state }) => state === "waiting");
    if (!next || sending.size >= lanes) return;
    const controller = new AbortController();
    sending.set(next.key, controller);
    void send(next, controller.signal);
    sendNext();
  }

  async function send({ key, file }: Upload, signal: AbortSignal): Promise<void> {
    change(key, { state: "sending", share: 0, error: undefined });
    try {
      const onProgress = (share: number) => change(key, { share });
      const stored = await lyceum.uploadFile(file, { onProgress, signal });
      change(key, { state: "stored", share: 1, stored });
      listeners.get(key)?.(key, stored);
      listeners.delete(key);
    } catch (error) {
      change(key, { state: "failed", error });
    } finally {
      sending.delete(key);
      sendNext();
    }
  }

  function forget(key: string): void {
    sending.get(key)?.abort();
    listeners.delete(key);
    list.set((uploads) => uploads.filter((upload) => upload.key !== key));
  }

  return {
    list,
    add(files, onStored) {
      const fresh = files.map((file): Upload => ({ key: `upload-${made++}`, file, state: "waiting", share: 0 }));
      const keys = fresh.map(({ key }) => key);
      if (onStored) for (const key of keys) listeners.set(key, onStored);
      list.set((uploads) => [...fresh.reverse(), ...uploads]);
      sendNext();
      return keys;
    },
    retry(key) {
      change(key, { state: "waiting", share: 0 });
      sendNext();
    },
    forget,
    clear() {
      for (const { key } of list.get()) forget(key);
    },
  };
}
