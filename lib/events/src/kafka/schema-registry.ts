import { COMPATIBILITY, SchemaRegistry as Registry, SchemaType } from "@kafkajs/confluent-schema-registry";
import { checkCompatibility } from "../avro/compatibility.ts";
import type { SchemaRegistry } from "../avro/schema-registry.ts";
import { IncompatibleSchemaError } from "../errors.ts";

type ResponseError = { readonly status?: number; readonly message: string };

/** A registry with Confluent's API at `url`, its path included; `user:password@` in it is sent as basic authentication. */
export function createConfluentRegistry(url: string, namespace = ""): SchemaRegistry {
  const { username, password, origin, pathname } = new URL(url);
  const host = origin + pathname.replace(/\/$/, "");
  const ask = createAsk(host, username && `${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const registry = new Registry({
    host,
    ...(username && { auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } }),
    retry: { retries: 2, initialRetryTimeInSecs: 0.1, maxRetryTimeInSecs: 1 },
  });
  const readVersions = async (name: string): Promise<string[]> => {
    const numbers = (await ask<number[]>(`/subjects/${name}/versions`)) ?? [];
    const versions = await Promise.all(
      numbers.map((number) => ask<{ schema: string }>(`/subjects/${name}/versions/${number}`)),
    );
    return versions.flatMap((version) => version?.schema ?? []);
  };
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
    async check(subject, schema) {
      const name = encodeURIComponent(namespace + subject);
      if ((await ask(`/subjects/${name}`, schema)) !== undefined) return "registered";
      // Against all versions, as the subject's own level says; it knows none of a subject that is new.
      const verdict = await ask<Verdict>(`/compatibility/subjects/${name}/versions?verbose=true`, schema);
      if (verdict?.is_compatible === false) {
        const reason = [...(verdict.messages ?? []), verdict.reason ?? ""].filter(Boolean).join("; ");
        // A registry that only says no would say why when asked to register.
        if (reason === "") checkCompatibility(subject, schema, await readVersions(name));
        throw new IncompatibleSchemaError(subject, reason || "the registry gives no reason.");
      }
      return "new";
    },
    async findSchema(id) {
      try {
        return JSON.stringify(await registry.getSchema(id));
      } catch (error) {
        if ((error as ResponseError).status === 404) return undefined;
        throw asMissing(error);
      }
    },
    ping: () => ask("/config"),
  };
}

type Verdict = { readonly is_compatible: boolean; readonly messages?: readonly string[]; readonly reason?: string };

const askTimeoutMs = 10_000;

/** Asks the registry, by POST where there is a schema to send; undefined where it knows no such subject or version. */
function createAsk(host: string, credentials: string) {
  return async <T>(path: string, schema?: string): Promise<T | undefined> => {
    const headers = new Headers({ "content-type": "application/vnd.schemaregistry.v1+json" });
    if (credentials) headers.set("authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
    const request =
      schema === undefined ? {} : { method: "POST", body: JSON.stringify({ schemaType: "AVRO", schema }) };
    const signal = AbortSignal.timeout(askTimeoutMs);
    const res = await fetch(host + path, { ...request, headers, signal }).catch((cause) => {
      throw Object.assign(new Error("The schema registry cannot be reached.", { cause }), { code: "ECONNREFUSED" });
    });
    if (res.status === 404) return undefined;
    const answer = (await res.json().catch(() => ({}))) as T & { message?: string };
    if (res.ok) return answer;
    throw Object.assign(new Error(`The schema registry answers ${res.status}: ${answer.message ?? ""}`), {
      ...(res.status >= 500 && { code: "ECONNREFUSED" }),
    });
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
