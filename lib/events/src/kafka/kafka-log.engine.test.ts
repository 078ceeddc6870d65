import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { inject } from "vitest";
import { testEventLog } from "../contract/test-event-log.ts";
import { testFewPartitions } from "../contract/test-few-partitions.ts";
import { openMember, publish } from "./kafka-member.ts";
import { openKafkaStore } from "./open-kafka-store.ts";

testEventLog("the log on Kafka", {
  module: join(import.meta.dirname, "kafka-member.ts"),
  open: async () => ({
    brokers: inject("engines").KAFKA_BROKERS as string,
    registryUrl: inject("engines").SCHEMA_REGISTRY_URL as string,
    namespace: `${randomBytes(6).toString("hex")}.`,
  }),
  openMember,
  publish,
});

const namespace = `${randomBytes(6).toString("hex")}.`;
testFewPartitions("the log on Kafka", (options) => {
  const { KAFKA_BROKERS = "", SCHEMA_REGISTRY_URL: registryUrl = "" } = inject("engines");
  return openKafkaStore({ ...options, brokers: KAFKA_BROKERS.split(","), registryUrl, namespace, clientId: "test" });
});
