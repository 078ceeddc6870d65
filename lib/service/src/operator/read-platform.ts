import { findMissingMigrations, sqlStateOf } from "@lyceum/database";
import { isDependencyMissing, type PartitionLag } from "@lyceum/events";
import type { ServiceName } from "../define-service.ts";
import { StartError } from "../errors.ts";
import { reasonOf } from "../patience.ts";
import type { EngineState, ProcessState } from "../server/health.ts";
import { keepingServices, serviceNames } from "../service-name.ts";
import type { Definitions } from "../settings.ts";
import { listDatabases } from "./migrate.ts";
import type { Operator } from "./open-operator.ts";
import { readLags, type ServiceLag } from "./read-lags.ts";

/** A service as it answers now. */
export type ServiceState = {
  readonly service: ServiceName;
  /** Where it was asked. */
  readonly url: string;
  /** `elsewhere`: whoever answers there does not run it. */
  readonly state: ProcessState["status"] | "unreachable" | "elsewhere";
  readonly version: string | undefined;
  /** The engines that it uses. */
  readonly engines: readonly EngineState[];
  /** What does not answer, or what its start waits for. */
  readonly lost: readonly string[];
};

/** How far a consumer group is, all its topics together. */
export type GroupState = Pick<PartitionLag, "group" | "behind" | "parked" | "dead">;

/** The whole of an installation. */
export type PlatformState = {
  readonly services: readonly ServiceState[];
  readonly groups: readonly GroupState[];
  /** Facts that are not in the log yet, by the service that tells them. */
  readonly outbox: readonly { readonly service: ServiceName; readonly facts: number }[];
  /** Migrations that have not been run, by database. */
  readonly missing: readonly { readonly database: string; readonly migrations: readonly string[] }[];
  /** All that is wrong, a sentence each. */
  readonly problems: readonly string[];
};

const askMs = 5_000;

/**
 * Looks at every part of an installation: what each service says of itself at `<SERVICE>_URL`, else at `url`, and what its
 * databases and event log hold. What cannot be looked at is a problem among the others.
 */
export async function readPlatform(
  operator: Operator,
  definitions: Definitions,
  url: string,
  signal: AbortSignal,
): Promise<PlatformState> {
  const processes = new Map<string, Promise<ProcessState | undefined>>();
  const ask = (at: string) => {
    const asked = processes.get(at) ?? readProcess(at, signal);
    processes.set(at, asked);
    return asked;
  };
  const [services, lags, missing] = await Promise.all([
    Promise.all(serviceNames.map((service) => readService(service, operator.urlOf(service) ?? url, ask))),
    Promise.all(keepingServices.map((service) => attempt(() => readLags(operator, [service])))),
    readMissing(operator, definitions),
  ]);
  const known = lags.flatMap((lag) => lag.value ?? []);
  const groups = known.flatMap(toGroups);
  const failures = [...missing, ...lags].flatMap(({ problem }) => problem ?? []);
  const found = missing.flatMap(({ value }) => (value && value.migrations.length > 0 ? [value] : []));
  const problems = [
    ...services.flatMap(findFault),
    ...new Set(
      services.flatMap(({ state, lost }) => (state === "ready" ? lost : [])).map((name) => `No answer: ${name}.`),
    ),
    ...groups.flatMap(({ group, dead }) =>
      dead > 0 ? [`${group} has given up ${dead} events: lyceum dead list`] : [],
    ),
    ...found.map(({ database }) => `The database of ${database} lacks migrations: lyceum migrate`),
    ...new Set(failures),
  ];
  return {
    services,
    groups,
    outbox: known.flatMap(({ service, outbox }) => (outbox > 0 ? [{ service, facts: outbox }] : [])),
    missing: found,
    problems,
  };
}

/** What `/readyz?verbose` tells; undefined where nothing answers, or something else does. */
async function readProcess(url: string, signal: AbortSignal): Promise<ProcessState | undefined> {
  try {
    const init = { signal: AbortSignal.any([signal, AbortSignal.timeout(askMs)]) };
    const state = (await (await fetch(`${url}/readyz?verbose`, init)).json()) as Partial<ProcessState>;
    const { status, lost = [], version = "", services = [], engines = [] } = state;
    return status && { status, lost, version, services, engines };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function readService(
  service: ServiceName,
  url: string,
  ask: (url: string) => Promise<ProcessState | undefined>,
): Promise<ServiceState> {
  const process = await ask(url);
  if (!process) return { service, url, state: "unreachable", version: undefined, engines: [], lost: [] };
  const { status, version, services, engines, lost } = process;
  if (services.includes(service)) {
    const own = engines.filter((engine) => engine.service === undefined || engine.service === service);
    return { service, url, state: status, version, engines: own, lost };
  }
  return { service, url, state: "elsewhere", version: undefined, engines: [], lost: [] };
}

function findFault({ service, url, state, lost }: ServiceState): string[] {
  if (state === "ready") return [];
  if (state === "unreachable") return [`${service} does not answer at ${url}.`];
  if (state === "elsewhere") {
    return [`${service} does not run in what answers at ${url}: say where it is by ${service.toUpperCase()}_URL.`];
  }
  return [`${service} is ${state}${lost.length > 0 ? ` and waits for ${lost.join(", ")}` : ""}.`];
}

function toGroups({ partitions }: ServiceLag): GroupState[] {
  return [...Map.groupBy(partitions, ({ group }) => group)].map(([group, ofGroup]) => {
    const sum = (field: "behind" | "parked" | "dead") => ofGroup.reduce((total, one) => total + one[field], 0);
    return { group, behind: sum("behind"), parked: sum("parked"), dead: sum("dead") };
  });
}

/** Each database by itself, so that one that is away hides nothing of the others. */
function readMissing(operator: Operator, definitions: Definitions) {
  return Promise.all(
    listDatabases(operator, definitions).map(({ database, migrations, address }) =>
      attempt(async () => {
        const found = await address();
        const missing = found ? await findMissingMigrations(found.directUrl ?? found.url, migrations) : [];
        return { database, migrations: missing.map(({ name }) => name) };
      }),
    ),
  );
}

const missingTable = "42P01";

/** What came of it, or the problem that an engine which cannot be used is. Tables that migrations will make are told by those. */
async function attempt<T>(work: () => Promise<T>): Promise<{ value?: T; problem?: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (sqlStateOf(error) === missingTable) return {};
    if (error instanceof StartError || isDependencyMissing(error))
      return { problem: error instanceof StartError ? error.message : reasonOf(error) };
    throw error;
  }
}
