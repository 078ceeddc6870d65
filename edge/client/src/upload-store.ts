/** Remembers where unfinished uploads are kept at the server, so that they go on after a reload. */
export interface UploadStore {
  /** The address of the unfinished upload of this file. */
  read(key: string): string | undefined;
  /** Undefined forgets it. */
  write(key: string, url: string | undefined): void;
}

/** A store that lives as long as this program. */
export function createMemoryUploadStore(): UploadStore {
  const urls = new Map<string, string>();
  return {
    read: (key) => urls.get(key),
    write: (key, url) => void (url === undefined ? urls.delete(key) : urls.set(key, url)),
  };
}

type Entry = { readonly url: string; readonly atMs: number };

/** Longer than a server keeps an upload on which nothing moves. */
const keptMs = 30 * 24 * 60 * 60 * 1000;

/** A store in localStorage under `storageKey`, shared by all tabs of the origin. Forgets uploads that nobody finished. */
export function openBrowserUploadStore(storageKey = "lyceum.uploads"): UploadStore {
  const readAll = () => readEntries(localStorage.getItem(storageKey));
  return {
    read: (key) => readAll()[key]?.url,
    write(key, url) {
      const { [key]: _, ...others } = readAll();
      const nowMs = Date.now();
      const kept = Object.fromEntries(Object.entries(others).filter(([, { atMs }]) => nowMs - atMs < keptMs));
      localStorage.setItem(
        storageKey,
        JSON.stringify(url === undefined ? kept : { ...kept, [key]: { url, atMs: nowMs } }),
      );
    },
  };
}

function readEntries(text: string | null): Record<string, Entry> {
  try {
    return (JSON.parse(text ?? "{}") as Record<string, Entry> | null) ?? {};
  } catch {
    return {};
  }
}
