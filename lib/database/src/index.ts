export type { Database, Db, Transaction } from "./database.ts";
export { findRunningPostgres, hasEmbeddedPostgres } from "./embedded/find-running-postgres.ts";
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  openEmbeddedPostgres,
} from "./embedded/open-embedded-postgres.ts";
export type { Log } from "./log.ts";
export { findMissingMigrations, type Migration, type Migrations, migrateDatabase } from "./migrate.ts";
export { type DatabaseOptions, openDatabase } from "./open-database.ts";
export { isDatabaseUnavailable, isUniqueViolation, sqlStateOf } from "./sql-errors.ts";
export { storable } from "./storable.ts";
