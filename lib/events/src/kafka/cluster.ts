import { setTimeout as sleep } from "node:timers/promises";
import { type Admin, Kafka, logLevel } from "kafkajs";
import { isDependencyMissing } from "../errors.ts";
import type { Log } from "../loop.ts";
import { calmRequestQueues } from "./calm-request-queues.ts";

calmRequestQueues();

const askAgainForMs = 10_000;
const askAgainMs = 250;

/** How a Kafka cluster is reached. */
export type KafkaOptions = {
  /** `host:port` of some of its brokers. */
  readonly brokers: readonly string[];
  /** Says in the brokers' logs who asks. */
  readonly clientId: string;
  /** Goes before the names of topics, groups and subjects, so that installations can share a cluster; empty by default. */
  readonly namespace?: string | undefined;
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
  /** Asks whether it is there, once. */
  reach(): Promise<void>;
  /** Asks by the one admin client, connected on first need; again for 10 s where the answer may change by itself. */
  ask<T>(question: (admin: Admin) => Promise<T>): Promise<T>;
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
    logLevel: logLevel.ERROR,
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
  const connected = () => {
    connecting ??= connect().catch((error) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  };
  return {
    kafka,
    async reach() {
      await (await connected()).describeCluster();
    },
    ask: (question) => tryAgain(async () => question(await connected())),
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

/** Tries again for 10 s what may come right by itself: a topic that was just made has no leader yet, a group no coordinator. */
export async function tryAgain<T>(work: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + askAgainForMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > untilMs || !isDependencyMissing(error)) throw error;
      await sleep(askAgainMs);
    }
  }
}
