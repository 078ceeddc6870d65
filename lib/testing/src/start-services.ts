import type { DescService } from "@bufbuild/protobuf";
import { type Client, type ConnectRouter, createClient, type Transport } from "@connectrpc/connect";
import { openDatabase } from "@lyceum/database";
import { type DeliveredEvent, eventStoreMigrations, openPostgresStore, publishFact } from "@lyceum/events";
import type { Fact } from "@lyceum/gen/events/event-type.ts";
import {
  makeServiceKeys,
  type RunningProcess,
  type ServiceDefinition,
  serviceMigrations,
  startProcess,
} from "@lyceum/service";
import { eventually } from "./eventually.ts";
import { freeDatabase } from "./free-database.ts";
import { tempFolder } from "./temp-folder.ts";
import { createTestTokens, type TestPerson } from "./test-tokens.ts";

// biome-ignore lint/suspicious/noExplicitAny: events of different types share one list
type AnyEvent = DeliveredEvent<any>;

/** As whom a test calls: with a token, as a person whose token is made, or with neither as nobody. */
export type TestCaller = { readonly token?: string; readonly person?: TestPerson };

/** Services running in the test's process. */
export interface TestProcess extends AsyncDisposable {
  /** Where its port answers, without a slash at its end. */
  readonly url: string;
  /** What a hosted service was given when it opened. */
  readonly host: RunningProcess["host"];
  /** A client over the in-process transport, through every interceptor; internal RPCs included. */
  client<S extends DescService>(service: S, caller?: TestCaller): Client<S>;
  /** Fetches from the port, such as `/v1/files`. */
  fetch(path: string, init?: RequestInit & TestCaller): Promise<Response>;
  /** An access token that this process trusts. */
  tokenFor(person?: TestPerson): Promise<string>;
  /** Puts a fact into the log as if its owner had. */
  publish<T>(fact: Fact<T>): Promise<void>;
  /** What the services here have published so far, in order per key. */
  events(): readonly AnyEvent[];
  /** Repeats an assertion until it holds, for 10 s by default. */
  eventually: typeof eventually;
}

/** What services under test are given beside databases. */
export type TestProcessOptions = {
  /** Variables beside those of databases, folder and port. */
  readonly env?: Readonly<Record<string, string>>;
  /** Hand-written RPCs in place of services that do not run here. */
  readonly neighbours?: (router: ConnectRouter) => void;
};

/** Starts services on free databases of the run's Postgres, in an empty folder, on a free port of 127.0.0.1. */
export async function startServices(
  // biome-ignore lint/suspicious/noExplicitAny: definitions with different configs share one list
  definitions: readonly ServiceDefinition<any>[],
  { env, neighbours }: TestProcessOptions = {},
): Promise<TestProcess> {
  await using starting = new AsyncDisposableStack();
  const tokens = await createTestTokens();
  const variables = { ...(await freeEnvironment(definitions, env)), ...env };
  const database = starting.use(await openDatabase(eventStoreAt(variables.EVENTS_DATABASE_URL)));
  const store = starting.use(await openPostgresStore({ database }));
  const process = starting.use(
    await startProcess(definitions, {
      env: variables,
      keys: [tokens.publicKey],
      ...(neighbours && { neighbours }),
    }),
  );
  const seen = await collectEvents(process, definitions);
  const running = starting.move();

  const tokenFor = (person: TestPerson = {}) => tokens.tokenFor(process.publicUrl, person);
  const authorize = async ({ token, person }: TestCaller, headers: Headers) => {
    const held = person ? await tokenFor(person) : token;
    if (held && !headers.has("authorization")) headers.set("authorization", `Bearer ${held}`);
  };
  return {
    url: process.url,
    host: process.host,
    client: (service, caller = {}) =>
      createClient(
        service,
        withHeaders(process.transport, (headers) => authorize(caller, headers)),
      ),
    async fetch(path, { token, person, ...init } = {}) {
      const headers = new Headers(init.headers);
      await authorize({ ...(token !== undefined && { token }), ...(person && { person }) }, headers);
      return fetch(process.url + path, { ...init, headers });
    },
    tokenFor,
    async publish(fact) {
      await publishFact(store, fact);
    },
    events: () => seen,
    eventually,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** One set for all processes of a test file: they know one another. */
let serviceKeys: Promise<Record<string, string>> | undefined;

function eventStoreAt(url: string) {
  return { url, applicationName: "test events", migrations: [eventStoreMigrations], maxConnections: 2 };
}

async function freeEnvironment(definitions: readonly ServiceDefinition[], env: TestProcessOptions["env"]) {
  serviceKeys ??= makeServiceKeys();
  const [home, keys, databases] = await Promise.all([tempFolder(), serviceKeys, freeDatabases(definitions, env)]);
  return { PORT: "0", HOST: "127.0.0.1", LYCEUM_HOME: home, ...keys, ...databases };
}

/** The variables of a free database for each of the services and for the event log, without those that `env` has. */
export async function freeDatabases(
  definitions: readonly Pick<ServiceDefinition, "name" | "migrations">[],
  env: TestProcessOptions["env"] = {},
): Promise<Record<string, string> & { EVENTS_DATABASE_URL: string }> {
  const wanted = [
    { variable: "EVENTS_DATABASE_URL", migrations: [eventStoreMigrations] },
    ...definitions.flatMap(({ name, migrations }) =>
      migrations ? [{ variable: `${name.toUpperCase()}_DATABASE_URL`, migrations: serviceMigrations(migrations) }] : [],
    ),
  ];
  const urls = await Promise.all(
    wanted.map(
      async ({ variable, migrations }) => [variable, env[variable] ?? (await freeDatabase(migrations))] as const,
    ),
  );
  return Object.fromEntries(urls) as Awaited<ReturnType<typeof freeDatabases>>;
}

async function collectEvents(
  process: RunningProcess,
  definitions: readonly ServiceDefinition[],
): Promise<readonly AnyEvent[]> {
  const seen: AnyEvent[] = [];
  const types = definitions.flatMap(({ publishes }) => publishes);
  const publisher = definitions.find(({ publishes }) => publishes.length > 0);
  if (publisher) await process.events(publisher.name).follow(types, new Date(0), (event) => seen.push(event));
  return seen;
}

/** A transport whose calls carry what `addHeaders` adds. */
function withHeaders(transport: Transport, addHeaders: (headers: Headers) => Promise<void>): Transport {
  return {
    async unary(method, signal, timeoutMs, header, ...rest) {
      const headers = new Headers(header);
      await addHeaders(headers);
      return transport.unary(method, signal, timeoutMs, headers, ...rest);
    },
    async stream(method, signal, timeoutMs, header, ...rest) {
      const headers = new Headers(header);
      await addHeaders(headers);
      return transport.stream(method, signal, timeoutMs, headers, ...rest);
    },
  };
}
