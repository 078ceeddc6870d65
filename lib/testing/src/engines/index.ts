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
  /** Ends one as a crash would; the answer starts it again where it was, with the data it has kept. */
  crash(name: "kafka" | "registry" | "s3"): Promise<() => Promise<void>>;
};

/** The broker's port, and the one that its clients are told to come to. */
type KafkaPorts = { readonly port: number; readonly advertisedPort: number };

/** Fetches what is missing and starts Kafka, the schema registry and S3 side by side, their data in `folder`. */
export async function startEngines(folder: string, ports?: KafkaPorts): Promise<Engines> {
  await using starting = new AsyncDisposableStack();
  const folders = { kafka: join(folder, "kafka"), registry: join(folder, "registry"), s3: join(folder, "s3") };
  const started = await Promise.allSettled([
    startKafka(folders.kafka, ports?.port, ports?.advertisedPort),
    startSchemaRegistry(folders.registry),
    startS3(folders.s3),
  ]);
  for (const engine of started) if (engine.status === "fulfilled") starting.use(engine.value);
  for (const engine of started) if (engine.status === "rejected") throw engine.reason;
  const [kafka, registry, s3] = started.map((engine) => engine.status === "fulfilled" && engine.value) as [
    KafkaEngine,
    RegistryEngine,
    S3Engine,
  ];
  const running = starting.move();
  const again = {
    kafka: () => startKafka(folders.kafka, Number(kafka.brokers.split(":")[1]), ports?.advertisedPort),
    registry: () => startSchemaRegistry(folders.registry, Number(new URL(registry.url).port)),
    s3: () => startS3(folders.s3, s3),
  };
  const current: Record<keyof typeof again, { kill(): Promise<void> }> = { kafka, registry, s3 };
  return {
    kafka,
    registry,
    s3,
    async crash(name) {
      await current[name].kill();
      return async () => {
        current[name] = running.use(await again[name]());
      };
    },
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
