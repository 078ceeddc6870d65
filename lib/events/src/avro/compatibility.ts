import avro from "avsc";
import { IncompatibleSchemaError } from "../errors.ts";

/** Throws IncompatibleSchemaError unless `schema` reads what every earlier version wrote and they read what it writes. */
export function checkCompatibility(subject: string, schema: string, earlier: readonly string[]): void {
  const next = readSchema(schema);
  for (const previous of earlier.map(readSchema)) {
    try {
      next.createResolver(previous);
      previous.createResolver(next);
    } catch (error) {
      throw new IncompatibleSchemaError(subject, (error as Error).message);
    }
  }
}

/** The Avro type a schema describes. */
export function readSchema(schema: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(schema));
}
