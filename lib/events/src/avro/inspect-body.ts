import { readSchema } from "./compatibility.ts";
import type { SchemaRegistry } from "./schema-registry.ts";

/** What an event says by the schema it was written with, or why that cannot be told. */
export type InspectedBody =
  | { readonly schemaId: number; readonly data: unknown }
  | { readonly schemaId: number | undefined; readonly unreadable: string };

/** Decodes a body as its writer's schema says, for people: no reader's schema is needed. */
export async function inspectBody(registry: SchemaRegistry, body: Uint8Array): Promise<InspectedBody> {
  const bytes = Buffer.from(body);
  if (bytes.length < 5 || bytes[0] !== 0)
    return { schemaId: undefined, unreadable: "It is not in Confluent wire format." };
  const schemaId = bytes.readInt32BE(1);
  const schema = await registry.findSchema(schemaId);
  if (schema === undefined) return { schemaId, unreadable: `There is no schema ${schemaId} in the registry.` };
  try {
    const type = readSchema(schema);
    return { schemaId, data: JSON.parse(type.toString(type.fromBuffer(bytes.subarray(5)))) };
  } catch (error) {
    return { schemaId, unreadable: `Its bytes do not fit schema ${schemaId}: ${(error as Error).message}` };
  }
}
