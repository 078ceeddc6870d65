/** How a schema stands to a registry that would take it. */
export type SchemaStanding = "registered" | "new";

/** Holds every version of every event's schema. Ids are never used again. */
export interface SchemaRegistry {
  /**
   * The id of `schema` under `subject`, added if it is new. Throws IncompatibleSchemaError if it and any earlier version
   * can't read each other (FULL_TRANSITIVE).
   */
  register(subject: string, schema: string): Promise<number>;
  /**
   * Whether `schema` is registered under `subject` already, or would be a new version; adds nothing. Throws
   * IncompatibleSchemaError with the registry's reason where `register` would.
   */
  check(subject: string, schema: string): Promise<SchemaStanding>;
  /** The schema with this id, if there is one. */
  findSchema(id: number): Promise<string | undefined>;
  /** Fails if the registry cannot be reached. */
  ping(): Promise<unknown>;
}
