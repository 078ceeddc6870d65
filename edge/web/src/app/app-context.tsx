import type { Lyceum, SignedIn } from "@lyceum/client";
import { createContext, use, useSyncExternalStore } from "react";
import { type Conversations, createConversations } from "../ask/conversations.ts";
import { createUploads, type Uploads } from "../library/uploads.ts";
import { createPeople, type People } from "../people/people.ts";
import { createStepUp, type StepUp } from "../proof/step-up.ts";
import { createRooms, type Rooms } from "../rooms/rooms.ts";

/** What lives as long as the tab: the client, uploads under way, the questions asked, and the rooms followed. */
export type App = {
  readonly lyceum: Lyceum;
  readonly uploads: Uploads;
  readonly conversations: Conversations;
  readonly rooms: Rooms;
  readonly people: People;
  /** Where sensitive calls wait until the person proves who they are. */
  readonly stepUp: StepUp;
  /** Forgets everything that belongs to the person who was signed in. */
  reset(): void;
};

export function createApp(lyceum: Lyceum): App {
  const uploads = createUploads(lyceum);
  const conversations = createConversations(lyceum);
  const rooms = createRooms(lyceum, uploads);
  const people = createPeople(lyceum);
  const stepUp = createStepUp(lyceum.transport);
  return {
    lyceum,
    uploads,
    conversations,
    rooms,
    people,
    stepUp,
    reset() {
      stepUp.wanted.get()?.finish(false);
      uploads.clear();
      conversations.clear();
      rooms.clear();
      people.clear();
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

/** The signed-in person's id; empty for nobody. */
export function useMe(): string {
  return useSignedIn()?.userId ?? "";
}
