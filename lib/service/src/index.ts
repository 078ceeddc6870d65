export {
  cookieSession,
  hostCookieName,
  readCookie,
  sessionCookieName,
  sessionHeader,
  toSetCookie,
  withoutCookie,
} from "./auth/session-cookie.ts";
export {
  callerOf,
  clientAddressHeader,
  clientAddressOf,
  forward,
  personOf,
  signInRequired,
  traceIdOf,
} from "./caller.ts";
export * from "./define-service.ts";
export { fail, invalidField, StartError } from "./errors.ts";
export * from "./feeds/feed.ts";
export { createPreframer } from "./feeds/preframe.ts";
export { drained, maxWaitingBytes } from "./feeds/waiting.ts";
export { ipv6Groups } from "./ipv6-groups.ts";
export { knownVariables } from "./known-variables.ts";
export { hasControls, isVisible } from "./line-text.ts";
export { makeServiceKeys } from "./make-service-keys.ts";
export { serviceMigrations } from "./migrations.ts";
export { newId } from "./new-id.ts";
export { type Migrated, migrateAll } from "./operator/migrate.ts";
export { type DatabaseAddress, type Operator, openOperator } from "./operator/open-operator.ts";
export { readLags, type ServiceLag } from "./operator/read-lags.ts";
export {
  type GroupState,
  type PlatformState,
  readPlatform,
  type ServiceState,
} from "./operator/read-platform.ts";
export { runOperation } from "./operator/run-operation.ts";
export { type Page, readPage, readTimePage, type TimePosition, writePageToken } from "./page.ts";
export { type ProcessOptions, type RunningProcess, startProcess } from "./process.ts";
export { findLastReplay, findReplay, type Replay, requestReplay, stopReplay } from "./replay/store.ts";
export { run } from "./run.ts";
export { keepingServices, serviceNames } from "./service-name.ts";
export { type Definitions, readSettings } from "./settings.ts";
export { startSweep } from "./sweep.ts";
export { gauge, histogram } from "./telemetry/meters.ts";
export { inSpan, type Span, startSpan } from "./telemetry/spans.ts";
export { currentTraceparent } from "./trace.ts";
export { within } from "./within.ts";
