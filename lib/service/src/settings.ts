import { resolve } from "node:path";
import { z } from "zod";
import type { ServiceDefinition, ServiceName } from "./define-service.ts";
import { StartError } from "./errors.ts";
import { serviceNames } from "./service-name.ts";

/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;
// biome-ignore lint/suspicious/noExplicitAny: definitions with different configs share one list
export type Definitions = readonly ServiceDefinition<any>[];

/** Where an installation keeps its data. */
export type Stores = {
  /** Everything the process keeps is below this folder; an absolute path. */
  readonly home: string;
  /** Where the event log is; undefined for the embedded one. */
  readonly eventLog: EventLogSettings | undefined;
  /** Bounds of every pool of this process. */
  readonly pools: { readonly maxConnections: number | undefined; readonly statementTimeoutMs: number | undefined };
  /** A service's own database, from `<SERVICE>_DATABASE_URL` and `<SERVICE>_DATABASE_DIRECT_URL`. */
  databaseOf(name: ServiceName): { url: string; directUrl: string | undefined } | undefined;
  /** Where a service that doesn't run here answers, from `<SERVICE>_URL`. */
  urlOf(name: ServiceName): string | undefined;
};

/** What the environment says, checked. */
export type Settings = Stores & {
  /** The hosts to listen on; all but the first may be missing on the machine. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly logLevel: string;
  readonly publicUrl: string | undefined;
  /** True if the gateway runs here. */
  readonly hostsFront: boolean;
  /** Where traces and metrics go; undefined for nowhere. */
  readonly telemetry:
    | {
        readonly endpoint: string;
        readonly serviceName: string;
        readonly sampleRatio: number;
        readonly exportEveryMs: number;
      }
    | undefined;
  /** A service's checked config. */
  configOf(name: ServiceName): unknown;
};

/** The event log's engine. */
export type EventLogSettings =
  | { readonly engine: "postgres"; readonly url: string; readonly partitions: number }
  | {
      readonly engine: "kafka";
      readonly brokers: readonly string[];
      readonly registryUrl: string;
      readonly partitions: number;
      readonly retentionMs: number | undefined;
      readonly namespace: string | undefined;
    };

const portMessage = "must be a port, 0 to 65535";
const url = (protocol: RegExp, message: string) => z.url({ protocol, error: message }).optional();
const httpUrl = url(/^https?$/, "must be an http or https URL");
const databaseUrl = url(/^postgres(ql)?$/, "must be a postgres:// URL");
const count = (message: string, max: number) =>
  z
    .string()
    .regex(/^[1-9]\d*$/, message)
    .transform(Number)
    .pipe(z.number().max(max, message));
const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

const shared = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, portMessage)
    .transform(Number)
    .pipe(z.number().max(65535, portMessage))
    .default(8080),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, "must be an address or a host name")
    .optional(),
  LYCEUM_HOME: z.string().default("./data"),
  LYCEUM_LOG: z.enum(logLevels, { error: `must be one of ${logLevels.join(", ")}` }).default("info"),
  LYCEUM_PUBLIC_URL: httpUrl,
  EVENTS_DATABASE_URL: databaseUrl,
  KAFKA_BROKERS: z
    .string()
    .regex(/^[\w.-]+:\d+(\s*,\s*[\w.-]+:\d+)*$/, "must be host:port, or several with commas between")
    .transform((brokers) => brokers.split(/\s*,\s*/))
    .optional(),
  DATABASE_MAX_CONNECTIONS: count("must be a number of connections, from 1 to 1000", 1_000).optional(),
  DATABASE_STATEMENT_TIMEOUT_MS: count("must be a number of milliseconds, up to an hour", 3_600_000).optional(),
  SCHEMA_REGISTRY_URL: httpUrl,
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl,
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, "must be a share from 0 to 1")
    .transform(Number)
    .default(1),
  OTEL_METRIC_EXPORT_INTERVAL: count("must be a number of milliseconds", 3_600_000).default(15_000),
  KAFKA_NAMESPACE: z
    .string()
    .regex(/^[\w.-]{1,100}$/, "must be at most 100 letters, digits, dots and dashes")
    .optional(),
  EVENTS_PARTITIONS: count("must be a number from 1 to 1000", 1_000).default(4),
  EVENTS_RETENTION_DAYS: count("must be a number of days, from 1 to 36500", 36_500).optional(),
  ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_URL`, httpUrl])),
  ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_DATABASE_URL`, databaseUrl])),
  ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_DATABASE_DIRECT_URL`, databaseUrl])),
});

type Shared = z.output<typeof shared>;

/** The names of the variables that mean something to every process. */
export function sharedVariables(): string[] {
  return Object.keys(shared.shape);
}

/** Reads and checks every variable that concerns these services. An empty one counts as unset. */
export function readSettings(definitions: Definitions, env: Env): Settings {
  const given = withoutEmpty(env);
  const read = check(shared, given);
  const configs = new Map(definitions.map(({ name, config }) => [name, check(config, given)]));
  const stores = toStores(read);
  requireSharedLog(definitions, stores.eventLog);
  return {
    hosts: read.HOST ? [read.HOST] : ["127.0.0.1", "::1"],
    port: read.PORT,
    ...stores,
    logLevel: read.LYCEUM_LOG,
    publicUrl: read.LYCEUM_PUBLIC_URL?.replace(/\/+$/, ""),
    hostsFront: definitions.some(({ name }) => name === "gateway"),
    telemetry: read.OTEL_EXPORTER_OTLP_ENDPOINT
      ? {
          endpoint: read.OTEL_EXPORTER_OTLP_ENDPOINT,
          serviceName: read.OTEL_SERVICE_NAME ?? nameOf(definitions),
          sampleRatio: read.OTEL_TRACES_SAMPLER_ARG,
          exportEveryMs: read.OTEL_METRIC_EXPORT_INTERVAL,
        }
      : undefined,
    configOf: (name) => configs.get(name),
  };
}

/** Reads and checks the variables that say where data is, for those who work on an installation from outside it. */
export function readStores(env: Env): Stores {
  return toStores(check(shared, withoutEmpty(env)));
}

function toStores(read: Shared): Stores {
  return {
    home: resolve(read.LYCEUM_HOME),
    eventLog: readEventLog(read),
    pools: {
      maxConnections: read.DATABASE_MAX_CONNECTIONS,
      statementTimeoutMs: read.DATABASE_STATEMENT_TIMEOUT_MS,
    },
    databaseOf(name) {
      const url = readOptional(read, `${name.toUpperCase()}_DATABASE_URL`);
      return url ? { url, directUrl: readOptional(read, `${name.toUpperCase()}_DATABASE_DIRECT_URL`) } : undefined;
    },
    urlOf: (name) => readOptional(read, `${name.toUpperCase()}_URL`),
  };
}

function withoutEmpty(env: Env): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value));
}

/** A variable whose name is made of a service's. */
function readOptional(read: Shared, name: string): string | undefined {
  return (read as Record<string, unknown>)[name] as string | undefined;
}

function check<T>(schema: z.ZodType<T>, given: Record<string, unknown>): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "The environment"} ${message}`);
  throw new StartError(`${problems.join("; ")}.`);
}

/** A process of one service is called as that; any other is Lyceum. */
function nameOf(definitions: Definitions): string {
  const [only, ...others] = definitions;
  return only && others.length === 0 ? only.name : "lyceum";
}

/** One engine at most, and Kafka with its registry. */
function readEventLog(read: Shared): EventLogSettings | undefined {
  const { EVENTS_DATABASE_URL: url, KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: registryUrl } = read;
  const { KAFKA_NAMESPACE: namespace, EVENTS_PARTITIONS: partitions, EVENTS_RETENTION_DAYS: days } = read;
  if (brokers && url) {
    throw new StartError("KAFKA_BROKERS and EVENTS_DATABASE_URL both name an event log: set one of them.");
  }
  if (brokers && !registryUrl) {
    throw new StartError("KAFKA_BROKERS needs SCHEMA_REGISTRY_URL, the root of a Confluent-compatible API.");
  }
  if (registryUrl && !brokers) {
    throw new StartError("SCHEMA_REGISTRY_URL is used with KAFKA_BROKERS only: set both or neither.");
  }
  if (days && !brokers)
    throw new StartError("EVENTS_RETENTION_DAYS is for Kafka: the log in Postgres keeps everything.");
  if (brokers && registryUrl) {
    return {
      engine: "kafka",
      brokers,
      registryUrl,
      partitions,
      retentionMs: days && days * 24 * 60 * 60 * 1_000,
      namespace,
    };
  }
  return url ? { engine: "postgres", url, partitions } : undefined;
}

/** Every process would have a log of its own, and nothing would ever arrive. */
function requireSharedLog(definitions: Definitions, eventLog: EventLogSettings | undefined): void {
  const missing = serviceNames.filter((name) => !definitions.some((definition) => definition.name === name));
  if (missing.length === 0 || eventLog) return;
  throw new StartError(
    `This process does not run ${missing.join(", ")}: set KAFKA_BROKERS, or EVENTS_DATABASE_URL to the database whose event log all processes share.`,
  );
}
