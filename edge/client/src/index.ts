export * from "./contract.ts";
export { createLyceum, type Lyceum, type LyceumOptions } from "./create-lyceum.ts";
export type { ByteRange } from "./fetch-content.ts";
export { type Problem, problemOf, type Violation } from "./problem.ts";
export type { Entrance, EntranceAnswer, LyceumSession, Proof } from "./session.ts";
export {
  createMemoryStore,
  openBrowserStore,
  type SessionStore,
  type SignedIn,
  type StoredSession,
} from "./session-store.ts";
export type { ResumableUpload, ResumableUploadOptions } from "./start-upload.ts";
export type { SubscribeOptions, Subscription, SubscriptionState } from "./subscribe.ts";
export { maxUploadBytes, type UploadOptions } from "./upload-file.ts";
export { createMemoryUploadStore, openBrowserUploadStore, type UploadStore } from "./upload-store.ts";
