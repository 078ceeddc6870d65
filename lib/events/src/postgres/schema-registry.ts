import type { Database } from "@lyceum/database";
import { checkCompatibility } from "../avro/compatibility.ts";
import type { SchemaRegistry } from "../avro/schema-registry.ts";

/** The registry as a table beside the log. */
export function createSchemaRegistry({ sql }: Pick<Database, "sql">): SchemaRegistry {
  return {
    async register(subject, schema) {
      return sql.begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(hashtextextended(${`schema ${subject}`}, 0))`;
        const known = await tx<{ id: number; schema: string }[]>`
          select id, schema from schemas where subject = ${subject} order by id`;
        const same = known.find((version) => version.schema === schema);
        if (same) return same.id;
        checkCompatibility(
          subject,
          schema,
          known.map((version) => version.schema),
        );
        const [added] = await tx<{ id: number }[]>`
          insert into schemas (subject, schema) values (${subject}, ${schema}) returning id`;
        return added?.id as number;
      });
    },
    async check(subject, schema) {
      const known = await sql<{ schema: string }[]>`select schema from schemas where subject = ${subject} order by id`;
      const versions = known.map((version) => version.schema);
      if (versions.includes(schema)) return "registered";
      checkCompatibility(subject, schema, versions);
      return "new";
    },
    async findSchema(id) {
      const [found] = await sql<{ schema: string }[]>`select schema from schemas where id = ${id}`;
      return found?.schema;
    },
    ping: () => sql`select 1`.execute(),
  };
}
