import { checkCompatibility } from "./avro/compatibility.ts";
import type { SchemaRegistry, SchemaStanding } from "./avro/schema-registry.ts";
import { IncompatibleSchemaError } from "./errors.ts";

/** A schema as a file holds it. */
export type SchemaFile = {
  /** The record's full name. */
  readonly subject: string;
  readonly schema: string;
  /** As it was at the commit that it is compared with; undefined for a new one. */
  readonly base: string | undefined;
};

/** What came of it: `refused` by the base or by the registry, in the words of the one that did. */
export type CheckedSchema =
  | { readonly subject: string; readonly standing: SchemaStanding }
  | {
      readonly subject: string;
      readonly standing: "refused";
      readonly by: "base" | "registry";
      readonly reason: string;
    };

/** Checks schemas, FULL_TRANSITIVE, against what is committed and what a registry holds; registers nothing. */
export async function checkSchemas(registry: SchemaRegistry, files: readonly SchemaFile[]): Promise<CheckedSchema[]> {
  const checked: CheckedSchema[] = [];
  for (const { subject, schema, base } of files) {
    let by: "base" | "registry" = "base";
    try {
      checkCompatibility(subject, schema, base === undefined ? [] : [base]);
      by = "registry";
      checked.push({ subject, standing: await registry.check(subject, schema) });
    } catch (error) {
      if (!(error instanceof IncompatibleSchemaError)) throw error;
      checked.push({ subject, standing: "refused", by, reason: error.message });
    }
  }
  return checked;
}
