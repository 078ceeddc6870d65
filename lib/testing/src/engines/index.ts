import { join } from "node:path";
import { type KafkaEngine, startKafka } from "./kafka.ts";
import { type S3Engine, startS3 } from "./s3.ts";
import { type RegistryEngine, startSchemaRegistry } from "./schema-registry.ts";

export { EngineMissingError } from "./cache.ts";

/** The real engines of a machine without containers. */
export type Engines = AsyncDisposable & {
  readonly kafka: KafkaEngine;
  readonly registry: RegistryEngine;
  readonly s3: S3Engine;
};

/** Fetches what is missing and starts Kafka, the schema registry and S3 side by side, their data in `folder`. */
export async function startEngines(folder: string): Promise<Engines> {
  await using starting = new AsyncDisposableStack();
  const started = await Promise.allSettled([
    startKafka(join(folder, "kafka")),
    startSchemaRegistry(join(folder, "registry")),
    startS3(join(folder, "s3")),
  ]);
  for (const engine of started) if (engine.status === "fulfilled") starting.use(engine.value);
  for (const engine of started) if (engine.status === "rejected") throw engine.reason;
  const [kafka, registry, s3] = started.map((engine) => engine.status === "fulfilled" && engine.value);
  const running = starting.move();
  return {
    kafka: kafka as KafkaEngine,
    registry: registry as RegistryEngine,
    s3: s3 as S3Engine,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** What the services and the tests read to use these engines. */
export function toVariables({ kafka, registry, s3 }: Engines): Record<string, string> {
  return {
    KAFKA_BROKERS: kafka.brokers,
    SCHEMA_REGISTRY_URL: registry.url,
    FILES_S3_BUCKET: s3.bucket,
    FILES_S3_ENDPOINT: s3.endpoint,
    FILES_S3_REGION: s3.region,
    FILES_S3_ACCESS_KEY_ID: s3.accessKeyId,
    FILES_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
}
