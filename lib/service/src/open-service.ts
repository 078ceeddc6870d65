import type { Database } from "@lyceum/database";
import { type EventLog, type GroupLag, openEventLog, type PublishedEvent } from "@lyceum/events";
import type { Logger } from "pino";
import type { Clients, Host, OpenService, ServiceDefinition } from "./define-service.ts";
import type { Engines } from "./engines.ts";
import type { Home } from "./home.ts";
import { createJobRunner, type JobRunner } from "./jobs/job-queue.ts";
import type { Patience } from "./patience.ts";
import { createReplayJobs } from "./replay/replay-job.ts";
import { gauge, workDuration } from "./telemetry/meters.ts";
import { startSpan } from "./telemetry/spans.ts";
import { currentTraceparent, withTrace } from "./trace.ts";

/** A service that is open here: what it serves, and what it was given. */
export type HostedService = AsyncDisposable & {
  readonly definition: ServiceDefinition;
  readonly host: Host;
  readonly service: OpenService;
  readonly database: Database | undefined;
  /** Begins to consume events and to run jobs. */
  start(): Promise<void>;
  /** Ends consuming and running jobs. */
  stop(): Promise<void>;
};

/** What a process gives each of its services. */
export type Surroundings = {
  readonly engines: Engines;
  readonly home: Home;
  readonly log: Logger;
  readonly publicUrl: string;
  readonly clients: Clients;
  readonly patience: Patience;
  readonly config: unknown;
  readonly stopping: AbortSignal;
};

/** Opens one service on its own database, event log and job queue. */
export async function openService(definition: ServiceDefinition, around: Surroundings): Promise<HostedService> {
  const { name, publishes, migrations } = definition;
  await using opening = new AsyncDisposableStack();
  const log = around.log.child({ service: name });
  const [database, store] = await Promise.all([
    migrations === undefined
      ? undefined
      : around.engines.openDatabaseOf(definition).then((opened) => opening.use(opened)),
    around.engines.openEvents(),
  ]);
  const options = { service: name, database, store, publishes, onPublished: tracePublished, log };
  const events = opening.use(traced(await openEventLog(options)));
  if (database) opening.use(measureLag(events, name));
  const jobs = database ? createJobRunner({ database, log, exclusive: around.engines.isEmbedded(name) }) : undefined;
  const host: Host = {
    name,
    log,
    publicUrl: around.publicUrl,
    home: await around.home.subfolder(name),
    get database() {
      return database ?? withoutDatabase(name);
    },
    events,
    get jobs() {
      return jobs ?? withoutDatabase(name);
    },
    clients: around.clients,
    patience: around.patience,
    stopping: around.stopping,
  };
  const service = await definition.open(host, around.config);
  opening.defer(async () => service.dispose?.());
  const open = opening.move();
  const replayJobs = createReplayJobs({ definition, service, host, engines: around.engines, log });
  const work = createWork(name, service, events, jobs, replayJobs);
  return { definition, host, service, database, ...work, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

function createWork(
  name: string,
  service: OpenService,
  events: EventLog,
  jobs: JobRunner | undefined,
  replayJobs: ReturnType<typeof createReplayJobs>,
) {
  let consumer: AsyncDisposable | undefined;
  return {
    async start() {
      const handlers = (service.handlers ?? []).map((handler) => ({
        ...handler,
        handle: ((event, tx) => handleTraced(name, event, () => handler.handle(event, tx))) as typeof handler.handle,
      }));
      await jobs?.start([...(service.jobs ?? []), ...replayJobs]);
      if (handlers.length > 0) consumer = await events.consume(name, handlers);
    },
    async stop() {
      await Promise.all([consumer?.[Symbol.asyncDispose](), jobs?.stop()]);
    },
  };
}

/** Handles an event as a span that continues the trace of what caused it. */
async function handleTraced(
  service: string,
  { type, traceparent }: { type: string; traceparent: string | undefined },
  handle: () => Promise<void>,
): Promise<void> {
  const start = performance.now();
  const attributes = { "lyceum.service": service, "messaging.operation.name": "process" };
  const span = startSpan(`process ${type}`, { kind: "consumer", parent: traceparent, attributes });
  const end = (error?: unknown) => {
    span.end(error);
    const outcome = error === undefined ? "done" : "refused";
    workDuration.record(performance.now() - start, { "lyceum.work": type, "lyceum.outcome": outcome });
  };
  try {
    await withTrace(span.trace, handle);
    end();
  } catch (error) {
    end(error);
    throw error;
  }
}

/** The way of events through the outbox into the log, as spans. */
function tracePublished(records: readonly PublishedEvent[]): void {
  for (const { type, time, traceparent } of records) {
    if (!traceparent) continue;
    startSpan(`publish ${type}`, { kind: "producer", parent: traceparent, start: time }).end();
  }
}

function measureLag(events: EventLog, service: string): Disposable {
  const metrics = [
    ["lyceum.events.lag", "{event}", "Events in the log that a group has not passed.", "behind"],
    ["lyceum.events.parked", "{event}", "Events set aside, to be tried again.", "parked"],
    ["lyceum.events.dead", "{event}", "Events given up, waiting for a person.", "dead"],
  ] as const;
  let reading: Promise<GroupLag[]> | undefined;
  // All are asked in one turn whenever metrics are sent: one look serves them all.
  const readLag = () => {
    reading ??= events.lag().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const gauges = metrics.map(([name, unit, description, field]) =>
    gauge({ name, unit, description }, async () =>
      (await readLag()).map((lag) => ({
        value: lag[field],
        attributes: {
          "lyceum.service": service,
          "messaging.consumer.group.name": lag.group,
          "messaging.destination.name": lag.topic,
        },
      })),
    ),
  );
  return {
    [Symbol.dispose]() {
      for (const one of gauges) one[Symbol.dispose]();
    },
  };
}

/** Facts carry the trace of the call, event or job that made them. */
function traced(events: EventLog): EventLog {
  return {
    append: (tx, fact, options) => events.append(tx, fact, { traceparent: currentTraceparent(), ...options }),
    appendAll: (tx, facts, options) => events.appendAll(tx, facts, { traceparent: currentTraceparent(), ...options }),
    consume: (group, handlers) => events.consume(group, handlers),
    follow: (types, from, onEvent) => events.follow(types, from, onEvent),
    caughtUp: (group, types, signal) => events.caughtUp(group, types, signal),
    lag: () => events.lag(),
    signal: (topic, key, bytes) => events.signal(topic, key, bytes),
    onSignal: (topic, onSignal) => events.onSignal(topic, onSignal),
    [Symbol.asyncDispose]: () => events[Symbol.asyncDispose](),
  };
}

function withoutDatabase(name: string): never {
  throw new Error(`${name} has no migrations, and so no database.`);
}
