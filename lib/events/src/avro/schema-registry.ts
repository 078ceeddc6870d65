/** Holds every version of every event's schema. Ids are never used again. */
export interface SchemaRegistry {
  /**
   * The id of `schema` under `subject`, added if it is new. Throws IncompatibleSchemaError if it and any earlier version
   * can't read each other (FULL_TRANSITIVE).
   */
  register(subject: string, schema: string): Promise<number>;
  /** The schema with this id, if there is one. */
  findSchema(id: number): Promise<string | undefined>;
}
