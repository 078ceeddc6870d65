import { createStore, type Store } from "../app/store.ts";
import type { Uploads } from "../library/uploads.ts";
import { attach, changeAttachment, type Draft, emptyDraft, maxAttachments } from "./draft.ts";

/** What is being written, by room; it stays while one looks elsewhere. */
export type Drafts = {
  readonly byRoom: Store<ReadonlyMap<string, Draft>>;
  change(roomId: string, to: (draft: Draft) => Draft): void;
  /** Puts files of the device into the library and into what is being written. */
  attach(roomId: string, files: readonly File[]): void;
  clear(): void;
};

export function createDrafts(uploads: Uploads): Drafts {
  const byRoom = createStore<ReadonlyMap<string, Draft>>(new Map());
  const change: Drafts["change"] = (roomId, to) =>
    byRoom.set((now) => new Map(now).set(roomId, to(now.get(roomId) ?? emptyDraft)));
  return {
    byRoom,
    change,
    attach(roomId, files) {
      const { attachments } = byRoom.get().get(roomId) ?? emptyDraft;
      const taken = files.slice(0, maxAttachments - attachments.length);
      const keys = uploads.add(taken, "", (key, stored) =>
        change(roomId, (draft) => changeAttachment(draft, key, stored)),
      );
      const added = taken.map(({ name }, index) => ({ key: keys[index] ?? name, name }));
      change(roomId, (draft) => attach(draft, added));
    },
    clear: () => byRoom.set(() => new Map()),
  };
}
