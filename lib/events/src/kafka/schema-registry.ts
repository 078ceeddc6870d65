import { COMPATIBILITY, SchemaRegistry as Registry, SchemaType } from "@kafkajs/confluent-schema-registry";
import type { SchemaRegistry } from "../avro/schema-registry.ts";
import { IncompatibleSchemaError } from "../errors.ts";

type ResponseError = { readonly status?: number; readonly message: string };

/** A registry with Confluent's API at `url`, its path included; `user:password@` in it is sent as basic authentication. */
export function createConfluentRegistry(url: string, namespace = ""): SchemaRegistry {
  const { username, password, origin, pathname } = new URL(url);
  const registry = new Registry({
    host: origin + pathname.replace(/\/$/, ""),
    ...(username && { auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } }),
    retry: { retries: 2, initialRetryTimeInSecs: 0.1, maxRetryTimeInSecs: 1 },
  });
  return {
    async register(subject, schema) {
      try {
        const options = { subject: namespace + subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE };
        return (await registry.register({ type: SchemaType.AVRO, schema }, options)).id;
      } catch (error) {
        const { status, message } = error as ResponseError;
        if (status === 409) throw new IncompatibleSchemaError(subject, reasonOf(message));
        throw asMissing(error);
      }
    },
    async findSchema(id) {
      try {
        return JSON.stringify(await registry.getSchema(id));
      } catch (error) {
        if ((error as ResponseError).status === 404) return undefined;
        throw asMissing(error);
      }
    },
  };
}

/** The client shows a refused connection as status 400; only an answer of the registry's own is the schema's fault. */
function asMissing(error: unknown): unknown {
  const { status, message } = error as ResponseError;
  const network = /ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|socket hang up/.exec(message);
  if (!network && (status ?? 0) < 500) return error;
  const code = network?.[0].startsWith("E") ? network[0] : "ECONNREFUSED";
  return Object.assign(new Error(`The schema registry cannot be reached: ${reasonOf(message)}`, { cause: error }), {
    code,
  });
}

function reasonOf(message: string): string {
  return message.replace(/^Confluent_Schema_Registry - /, "");
}
