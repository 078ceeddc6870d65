import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { SessionStore, StoredSession } from "@lyceum/client";
import { lock } from "proper-lockfile";
import { readJsonFile, writeJsonFile } from "./config-folder.ts";

/** Longer than a renewal takes; a process that was killed holds the lock no longer. */
const staleMs = 20_000;
const waits = { retries: 60, minTimeout: 20, maxTimeout: 500 };

/** Keeps a session in a file that several processes may share. Tells only of this process's own changes. */
export function openSessionFile(path: string): SessionStore {
  const listeners = new Set<() => void>();
  return {
    read: () => readJsonFile<StoredSession>(path),
    write(session) {
      writeJsonFile(path, session);
      for (const listener of listeners) listener();
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => void listeners.delete(onChange);
    },
    async exclusively(work) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // Without the lock identity's grace period still gives all processes the same successor.
      const options = { realpath: false, stale: staleMs, retries: waits, onCompromised: () => {} };
      const release = await lock(path, options).catch(() => async () => {});
      try {
        return await work();
      } finally {
        await release().catch(() => {});
      }
    },
  };
}
