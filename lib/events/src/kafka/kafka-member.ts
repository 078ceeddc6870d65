import { memberOn } from "../contract/member.ts";
import { openKafkaStore } from "./open-kafka-store.ts";

/** Where the log of a test is. */
export type KafkaConnection = { readonly brokers: string; readonly registryUrl: string; readonly namespace: string };

/** Processes of the contract suite with the log on Kafka. */
export const { openMember, publish } = memberOn<KafkaConnection>(async ({ brokers, registryUrl, namespace }, opening) =>
  opening.use(
    await openKafkaStore({
      brokers: brokers.split(","),
      registryUrl,
      namespace,
      clientId: "test",
      partitions: 3,
      maxWaitMs: 100,
    }),
  ),
);
