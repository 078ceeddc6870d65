import { type Admin, Kafka, logLevel } from "kafkajs";
import type { Log } from "../loop.ts";

/** How a Kafka cluster is reached. */
export type KafkaOptions = {
  /** `host:port` of some of its brokers. */
  readonly brokers: readonly string[];
  /** Says in the brokers' logs who asks. */
  readonly clientId: string;
  /** Goes before the names of topics, groups and subjects, so that installations can share a cluster; empty by default. */
  readonly namespace?: string;
  /** How many partitions a topic gets that is new; 4 by default. */
  readonly partitions?: number;
  /** How long topics keep events, in milliseconds; for ever by default. */
  readonly retentionMs?: number | undefined;
  /** How long a fetch waits where there is nothing; 500 ms by default. Closing a consumer waits it out. */
  readonly maxWaitMs?: number;
  readonly log?: Log | undefined;
};

/** A cluster with what its users share. */
export type Cluster = {
  readonly kafka: Kafka;
  /** The one admin client, connected on first need. */
  admin(): Promise<Admin>;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly maxWaitMs: number;
  readonly log: Log | undefined;
  /** A topic's or group's name in the cluster. */
  nameOf(name: string): string;
};

/** Reaches for nothing yet. */
export function createCluster(options: KafkaOptions): Cluster & AsyncDisposable {
  const { brokers, clientId, namespace = "", partitions = 4, retentionMs = -1, maxWaitMs = 500, log } = options;
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 3 },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ namespace: part, log: { message, error } }) =>
        log?.warn({ kafka: part, error }, message),
  });
  let connecting: Promise<Admin> | undefined;
  const connect = async () => {
    const admin = kafka.admin();
    await admin.connect();
    return admin;
  };
  return {
    kafka,
    admin() {
      connecting ??= connect().catch((error) => {
        connecting = undefined;
        throw error;
      });
      return connecting;
    },
    partitions,
    retentionMs,
    maxWaitMs,
    log,
    nameOf: (name) => namespace + name,
    async [Symbol.asyncDispose]() {
      await (await connecting?.catch(() => undefined))?.disconnect();
    },
  };
}
