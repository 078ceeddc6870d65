export { checkCompatibility } from "./avro/compatibility.ts";
export { IncompatibleSchemaError } from "./errors.ts";
export * from "./event-log.ts";
export { eventMigrations, eventStoreMigrations } from "./migrations.ts";
export { type EventLogOptions, openEventLog } from "./open-event-log.ts";
export { type EventStore, openEventStore } from "./postgres/event-store.ts";
export { publishFact } from "./publish-fact.ts";
