import { openRelay, type Relay } from "../relay.ts";
import { findFreePort } from "../start-program.ts";
import { type Engines, startEngines, toVariables } from "./index.ts";

const host = "127.0.0.1";

/** Engines that are reached through relays, so that they can be slow. */
export type RelayedEngines = AsyncDisposable & {
  readonly engines: Engines;
  /** What the services read to reach them so. */
  readonly variables: Record<string, string>;
  readonly relays: Readonly<Record<"kafka" | "registry" | "s3", Relay>>;
};

/** Starts Kafka, the schema registry and S3, each behind a relay. */
export async function startRelayedEngines(folder: string): Promise<RelayedEngines> {
  await using starting = new AsyncDisposableStack();
  const port = await findFreePort();
  const kafka = starting.use(await openRelay({ host, port }));
  const engines = starting.use(await startEngines(folder, { port, advertisedPort: kafka.port }));
  const [registry, s3] = [await relayTo(engines.registry.url), await relayTo(engines.s3.endpoint)];
  starting.use(registry.relay);
  starting.use(s3.relay);
  const running = starting.move();
  return {
    engines,
    relays: { kafka, registry: registry.relay, s3: s3.relay },
    variables: {
      ...toVariables(engines),
      KAFKA_BROKERS: `${host}:${kafka.port}`,
      SCHEMA_REGISTRY_URL: registry.url,
      FILES_S3_ENDPOINT: s3.url,
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** A relay to a server of HTTP, and its URL by it. */
export async function relayTo(target: string): Promise<{ relay: Relay; url: string }> {
  const url = new URL(target);
  const relay = await openRelay({ host: url.hostname, port: Number(url.port) });
  url.port = `${relay.port}`;
  return { relay, url: url.href.replace(/\/$/, "") };
}
