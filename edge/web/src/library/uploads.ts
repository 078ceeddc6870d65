import type { Lyceum, ResumableUpload, File as StoredFile } from "@lyceum/client";
import { createStore, type Store } from "../app/store.ts";
import { forgetUnfinished, noteUnfinished, readUnfinished, type Unfinished, writeUnfinished } from "./unfinished.ts";

/** A file on its way to the library. */
export type Upload = {
  readonly key: string;
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** The folder it goes into; empty for the top level. */
  readonly folderId: string;
  /** `interrupted` by a reload: it goes on once the same file is chosen again. */
  readonly state: "waiting" | "sending" | "paused" | "stored" | "failed" | "interrupted";
  /** How much of it has left, 0 to 1. */
  readonly share: number;
  readonly stored?: StoredFile;
  readonly error?: unknown;
};

/** The uploads of this tab, the latest first. */
export type Uploads = {
  readonly list: Store<readonly Upload[]>;
  /** Shows what a reload interrupted. */
  start(): void;
  /** Tells of each file once it is stored, under the key it has until then; answers the keys in the order of the files. */
  add(
    files: readonly File[],
    folderId?: string,
    onStored?: (key: string, stored: StoredFile) => void,
  ): readonly string[];
  pause(key: string): void;
  /** Goes on with a paused one, or sends a failed one again. */
  resume(key: string): void;
  /** Stops it if it is under way, frees what the server has of it, and forgets it. */
  forget(key: string): void;
  clear(): void;
};

/** How many are sent at once; browsers open only six connections to one HTTP/1 host, and live updates need one. */
const lanes = 2;
const storageKey = "lyceum.unfinished";

export function createUploads(lyceum: Lyceum): Uploads {
  const list = createStore<readonly Upload[]>([]);
  const files = new Map<string, File>();
  const running = new Map<string, ResumableUpload>();
  const listeners = new Map<string, (key: string, stored: StoredFile) => void>();
  let made = 0;

  const find = (key: string) => list.get().find((upload) => upload.key === key);
  const change = (key: string, to: Partial<Upload>) =>
    list.set((uploads) => uploads.map((upload) => (upload.key === key ? { ...upload, ...to } : upload)));
  const drop = (key: string) => {
    files.delete(key);
    listeners.delete(key);
    list.set((uploads) => uploads.filter((upload) => upload.key !== key));
  };
  /** What outlives a reload: enough to recognise the file when it is chosen again. */
  const note = (to: (unfinished: readonly Unfinished[]) => readonly Unfinished[]) => {
    const userId = lyceum.session.current()?.userId;
    if (userId) writeUnfinished(localStorage, storageKey, userId, to);
  };

  function sendNext(): void {
    const next = list.get().findLast(({ state }) => state === "waiting");
    const busy = list.get().filter(({ state }) => state === "sending").length;
    if (!next || busy >= lanes) return;
    change(next.key, { state: "sending", error: undefined });
    const upload = running.get(next.key);
    if (upload) upload.resume();
    else void send(next);
    sendNext();
  }

  async function send({ key, folderId }: Upload): Promise<void> {
    const file = files.get(key);
    if (!file) return;
    const onProgress = (share: number) => {
      change(key, { share });
      note((unfinished) => noteUnfinished(unfinished, { name: file.name, sizeBytes: file.size, folderId, share }));
    };
    const upload = lyceum.startUpload(file, { folderId, onProgress });
    running.set(key, upload);
    try {
      const stored = await upload.file;
      change(key, { state: "stored", share: 1, stored });
      listeners.get(key)?.(key, stored);
      note((unfinished) => forgetUnfinished(unfinished, { name: file.name, sizeBytes: file.size, folderId }));
    } catch (error) {
      change(key, { state: "failed", error });
    } finally {
      running.delete(key);
      sendNext();
    }
  }

  function forget(key: string): void {
    const upload = find(key);
    if (upload && upload.state !== "stored") {
      running
        .get(key)
        ?.cancel()
        .catch(() => {});
      note((unfinished) => forgetUnfinished(unfinished, upload));
    }
    drop(key);
  }

  return {
    list,
    start() {
      const userId = lyceum.session.current()?.userId ?? "";
      const interrupted = readUnfinished(localStorage.getItem(storageKey), userId).map(
        (unfinished): Upload => ({ ...unfinished, key: `upload-${made++}`, mediaType: "", state: "interrupted" }),
      );
      if (list.get().length === 0) list.set(() => interrupted);
    },
    add(chosen, folderId = "", onStored) {
      const fresh = chosen.map((file): Upload => {
        const { name, type: mediaType, size: sizeBytes } = file;
        const key = `upload-${made++}`;
        files.set(key, file);
        if (onStored) listeners.set(key, onStored);
        return { key, name, mediaType, sizeBytes, folderId, state: "waiting", share: 0 };
      });
      const isAgain = (old: Upload) =>
        old.state === "interrupted" &&
        fresh.some(
          ({ name, sizeBytes }) => old.name === name && old.sizeBytes === sizeBytes && old.folderId === folderId,
        );
      list.set((uploads) => [...fresh.toReversed(), ...uploads.filter((upload) => !isAgain(upload))]);
      sendNext();
      return fresh.map(({ key }) => key);
    },
    pause(key) {
      running.get(key)?.pause();
      change(key, { state: "paused" });
      sendNext();
    },
    resume(key) {
      change(key, { state: "waiting" });
      sendNext();
    },
    forget,
    clear() {
      for (const upload of running.values()) upload.pause();
      running.clear();
      files.clear();
      listeners.clear();
      list.set(() => []);
    },
  };
}
