import type { EventStore } from "./event-store.ts";
import type { KafkaStoreOptions } from "./kafka/open-kafka-store.ts";

/**
 * The log on Kafka with a Confluent-compatible registry. Fails if the cluster cannot be reached. Their clients are a quarter of all
 * modules, so they are loaded only here, where they are used.
 */
export async function openKafkaStore(options: KafkaStoreOptions): Promise<EventStore> {
  const kafka = await import("./kafka/open-kafka-store.ts");
  return kafka.openKafkaStore(options);
}
