/** The person who is signed in here. */
export type SignedIn = { readonly userId: string; readonly email: string; readonly sessionId: string };

/** What proves a session that is not in a cookie. */
export type Tokens = {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token ends, by this machine's clock, in milliseconds since 1970. */
  readonly expiresAtMs: number;
};

/** A signed-in session with its tokens, if it has any. */
export type StoredSession = SignedIn & Partial<Tokens>;

/** Keeps one session for everyone who opens the store: the tabs of a browser, or the parts of a program. */
export interface SessionStore {
  /** What was written last, by anyone. */
  read(): StoredSession | undefined;
  /** Undefined forgets it. */
  write(session: StoredSession | undefined): void;
  /** Tells of every change, whoever made it, until the returned function is called. */
  subscribe(onChange: () => void): () => void;
  /** Runs `work` while nobody else who shares the store runs theirs. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/** A store in this program's memory. */
export function createMemoryStore(): SessionStore {
  let current: StoredSession | undefined;
  const listeners = new Set<() => void>();
  return {
    read: () => current,
    write(session) {
      current = session;
      for (const listener of listeners) listener();
    },
    subscribe: (onChange) => addTo(listeners, onChange),
    exclusively: createTurns(),
  };
}

/** Runs one after the other what is asked of it. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}

/** A store in localStorage under `key`: it outlives the tab, and all tabs of the origin share it. */
export function openBrowserStore(key = "lyceum.session"): SessionStore {
  const listeners = new Set<() => void>();
  const inTurn = createTurns();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  // The event reaches the other tabs only; a null key means that everything was cleared.
  addEventListener("storage", (event) => {
    if (event.key === key || event.key === null) tell();
  });
  return {
    read: () => readStored(localStorage.getItem(key)),
    write(session) {
      if (session) localStorage.setItem(key, JSON.stringify(session));
      else localStorage.removeItem(key);
      tell();
    },
    subscribe: (onChange) => addTo(listeners, onChange),
    // Web Locks need a secure context; without them each tab waits for itself, and identity's grace period gives all the same successor.
    exclusively: <T>(work: () => Promise<T>) =>
      navigator.locks ? (navigator.locks.request(key, work) as Promise<T>) : inTurn(work),
  };
}

function readStored(text: string | null): StoredSession | undefined {
  try {
    const stored = JSON.parse(text ?? "null") as StoredSession | null;
    return stored?.userId && stored.sessionId ? stored : undefined;
  } catch {
    return undefined;
  }
}

function addTo(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
