import type { Lyceum, SignedIn } from "@lyceum/client";
import { createContext, use, useSyncExternalStore } from "react";
import { createThread, type Thread } from "../ask/thread.ts";
import { createUploads, type Uploads } from "../library/uploads.ts";

/** What lives as long as the tab: the client, uploads under way, and the questions asked. */
export type App = {
  readonly lyceum: Lyceum;
  readonly uploads: Uploads;
  readonly thread: Thread;
  /** Forgets everything that belongs to the person who was signed in. */
  reset(): void;
};

export function createApp(lyceum: Lyceum): App {
  const uploads = createUploads(lyceum);
  const thread = createThread(lyceum);
  return {
    lyceum,
    uploads,
    thread,
    reset() {
      uploads.clear();
      thread.clear();
    },
  };
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = use(AppContext);
  if (!app) throw new Error("useApp needs AppContext above it.");
  return app;
}

/** Who is signed in; undefined for nobody. */
export function useSignedIn(): SignedIn | undefined {
  const { session } = useApp().lyceum;
  return useSyncExternalStore(session.subscribe, session.current);
}
