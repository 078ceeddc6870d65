import type { EventType } from "@lyceum/gen/events/event-type.ts";
import type { Type } from "avsc";
import { readSchema } from "./compatibility.ts";
import type { SchemaRegistry } from "./schema-registry.ts";

const headerBytes = 5;

/** Turns facts into Confluent wire format (a zero byte, the schema's id in 4 bytes, the Avro body) and back. */
export type Codec = {
  /** Registers the schema of an event this process publishes; only then can it be encoded. */
  // biome-ignore lint/suspicious/noExplicitAny: events of different shapes share one codec
  register(type: EventType<any>): Promise<void>;
  encode<T>(type: EventType<T>, data: T): Uint8Array;
  /** Reads a body as its writer's schema says, into the shape that `type` has here. */
  decode<T>(type: EventType<T>, body: Uint8Array): Promise<T>;
};

type Reader = (body: Uint8Array) => unknown;

/** A codec that knows its schemas from `registry` and asks for each once. */
export function createCodec(registry: SchemaRegistry): Codec {
  const types = new Map<string, Type>();
  const ids = new Map<string, number>();
  const readers = new Map<string, Reader>();

  function typeOf({ fullName, schema }: EventType<unknown>): Type {
    const type = types.get(fullName) ?? readSchema(schema);
    types.set(fullName, type);
    return type;
  }

  async function openReader(type: EventType<unknown>, id: number): Promise<Reader> {
    const written = await registry.findSchema(id);
    if (written === undefined) throw new Error(`There is no schema ${id} in the registry.`);
    const reader = typeOf(type);
    const resolver = reader.createResolver(readSchema(written));
    return (body) => reader.fromBuffer(toBuffer(body).subarray(headerBytes), resolver);
  }

  return {
    async register(type) {
      ids.set(type.fullName, await registry.register(type.fullName, type.schema));
    },
    encode(type, data) {
      const id = ids.get(type.fullName);
      if (id === undefined) throw new Error(`${type.fullName} is not among the events this service publishes.`);
      const header = Buffer.alloc(headerBytes);
      header.writeInt32BE(id, 1);
      return Buffer.concat([header, typeOf(type as EventType<unknown>).toBuffer(data)]);
    },
    async decode(type, body) {
      if (body.length < headerBytes || body[0] !== 0)
        throw new Error(`A ${type.fullName} is not in Confluent wire format.`);
      const id = toBuffer(body).readInt32BE(1);
      const name = `${type.fullName} ${id}`;
      const reader = readers.get(name) ?? (await openReader(type as EventType<unknown>, id));
      readers.set(name, reader);
      return reader(body) as never;
    },
  };
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
