import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  knownVariables,
  makeServiceKeys,
  readSettings,
  type ServiceDefinition,
  type ServiceName,
} from "@lyceum/service";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { services } from "./services.ts";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => parse(readFileSync(join(root, path), "utf8"), { merge: true });
// biome-ignore lint/suspicious/noExplicitAny: definitions with different configs share one list
const definitions = new Map<string, ServiceDefinition<any>>(services.map((service) => [service.name, service]));

/** Whom each service asks, so whose address it must be told; identity is asked by all for the keys that verify tokens. */
const asks: Record<ServiceName, readonly ServiceName[]> = {
  gateway: ["identity", "profile", "files", "chat", "ingest", "rag"],
  identity: [],
  profile: ["identity"],
  files: ["identity"],
  chat: ["identity", "profile", "files", "ingest"],
  ingest: ["identity", "files"],
  rag: ["identity", "files", "ingest", "chat"],
};

const needed = (name: ServiceName) => [
  ...["LYCEUM_PUBLIC_URL", "LYCEUM_SERVICE_KEYS", "KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", `${name.toUpperCase()}_KEY`],
  ...(name === "gateway" ? [] : [`${name.toUpperCase()}_DATABASE_URL`]),
  ...(name === "identity" ? ["IDENTITY_SEALING_KEY"] : []),
  ...(name === "rag" ? ["RAG_QDRANT_URL", "RAG_QDRANT_API_KEY"] : []),
  ...asks[name].map((callee) => `${callee.toUpperCase()}_URL`),
];

/** Fails for a variable the service does not know, for one it misses, and for one it cannot read. */
async function expectReadable(name: ServiceName, env: Record<string, string>): Promise<void> {
  const definition = definitions.get(name) as ServiceDefinition;
  expect(Object.keys(env).filter((variable) => !knownVariables(definition).has(variable))).toEqual([]);
  expect(needed(name).filter((variable) => !(variable in env))).toEqual([]);
  const keys: Record<string, string> = {
    ...(await makeServiceKeys()),
    IDENTITY_SEALING_KEY: Buffer.alloc(32).toString("base64"),
  };
  readSettings([definition], {
    ...env,
    ...Object.fromEntries(Object.keys(env).flatMap((key) => (keys[key] ? [[key, keys[key]]] : []))),
  });
}

const named = [...definitions.keys()] as ServiceName[];

describe("compose.yaml", () => {
  const compose = read("compose.yaml");
  const example = readFileSync(join(root, ".env.example"), "utf8");
  /** What Compose makes of `${NAME:-default}` and `${NAME:?why}` with nothing but what must be set. */
  const fill = (text: string) =>
    text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, variable, kind, rest) =>
      kind === "-" ? rest : `${variable}x`,
    );

  test("runs the seven services and their engines by default, each once its engines are healthy", () => {
    const byDefault = Object.entries<{ profiles?: string[] }>(compose.services).filter(([, { profiles }]) => !profiles);
    expect(byDefault.map(([name]) => name).toSorted()).toEqual(
      [...named, "postgres", "kafka", "schema-registry", "qdrant"].toSorted(),
    );
    for (const name of named) {
      for (const { condition } of Object.values<{ condition: string }>(compose.services[name].depends_on)) {
        expect(condition).toBe("service_healthy");
      }
    }
  });

  test.each(named)("tells %s what it needs to know, and nothing it does not know", async (name) => {
    const environment: Record<string, string> = compose.services[name].environment;
    await expectReadable(
      name,
      Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, fill(`${value}`)])),
    );
  });

  test("has no default for a secret, and the example says what to set", () => {
    const text = readFileSync(join(root, "compose.yaml"), "utf8");
    for (const [, variable] of text.matchAll(/\$\{(\w+):\?/g)) {
      const made = /_KEYS?$/.test(variable as string);
      expect(made || new RegExp(`^${variable}=$`, "m").test(example), variable).toBe(true);
    }
    expect(text).not.toMatch(/^\s*\w*(PASSWORD|SECRET\w*|_KEY|_KEYS):\s*(?!\$\{)\S/m);
  });

  test("runs every service without rights it does not need", () => {
    for (const name of named) {
      const { read_only, cap_drop, security_opt } = compose.services[name];
      expect({ read_only, cap_drop, security_opt }).toEqual({
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
      });
    }
  });
});

describe("the chart's values", () => {
  const values = read("deploy/chart/values.yaml");

  test.each(named)("tell %s what it needs to know, and nothing it does not know", async (name) => {
    const { env, secrets, calls, main, resources } = values.services[name];
    expect(main).toBe(`${name === "gateway" ? "edge/gateway" : `services/${name}`}/src/main.ts`);
    expect(resources.limits.memory).toBeDefined();
    const secretValue = (variable: string) => (/_DATABASE_URL$/.test(variable) ? "postgres://u:p@postgres/x" : "x");
    await expectReadable(name, {
      ...values.env,
      ...env,
      ...Object.fromEntries(secrets.map((variable: string) => [variable, secretValue(variable)])),
      ...Object.fromEntries(calls.map((callee: string) => [`${callee.toUpperCase()}_URL`, `http://${callee}:8080`])),
    });
  });
});
