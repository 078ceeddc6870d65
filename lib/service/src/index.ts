export { callerOf, forward, personOf, traceIdOf } from "./caller.ts";
export * from "./define-service.ts";
export { fail, invalidField, StartError } from "./errors.ts";
export * from "./feeds/feed.ts";
export { newId } from "./new-id.ts";
export { type Page, readPage, writePageToken } from "./page.ts";
export { type ProcessOptions, type RunningProcess, startProcess } from "./process.ts";
export { run } from "./run.ts";
export { currentTraceparent } from "./trace.ts";
