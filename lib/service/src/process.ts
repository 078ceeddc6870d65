import { Code, type ConnectRouter, type Interceptor, type Transport } from "@connectrpc/connect";
import type { EventLog } from "@lyceum/events";
import { sessionRevoked } from "@lyceum/gen/events/lyceum/identity/v1/session_revoked.ts";
import { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { JWK } from "jose";
import type { Logger } from "pino";
import { accessTokenLifetimeMs } from "./auth/authenticator.ts";
import { type OpenTrust, openTrust } from "./auth/trust.ts";
import { createClients, createNetwork, type Network, openRemotes } from "./clients/clients.ts";
import { createInProcessTransport } from "./clients/in-process.ts";
import type { Clients, Host, ServiceDefinition, ServiceName } from "./define-service.ts";
import { createDirectory, type Directory } from "./directory.ts";
import { type Engines, embeddedPostgres, openEngines } from "./engines.ts";
import { fail, StartError } from "./errors.ts";
import { type Frame, openFrame } from "./frame.ts";
import { createInterceptors } from "./interceptors/index.ts";
import { limits } from "./limits.ts";
import { type HostedService, openService } from "./open-service.ts";
import { createPatience, type Patience } from "./patience.ts";
import { recordRoutes } from "./recorded-routes.ts";
import type { Relied } from "./server/health.ts";
import { type Definitions, type Env, readSettings, type Settings } from "./settings.ts";
import { createSurface } from "./surface.ts";
import { openTelemetry } from "./telemetry/open-telemetry.ts";
import { warmUp } from "./warm-up.ts";
import { within } from "./within.ts";

/** What a process is started with. */
export type ProcessOptions = {
  /** The environment; only these variables are read. `PORT=0` takes any free port. */
  readonly env: Env;
  /** Public Ed25519 keys, each with a `kid`, trusted for access tokens beside those of identity's GetJwks. */
  readonly keys?: readonly JWK[];
  /** Hand-written RPCs in place of services that do not run here; called in-process. */
  readonly neighbours?: (router: ConnectRouter) => void;
  /** Hears how the start goes on, a line at a time. */
  readonly announce?: (line: string) => void;
  /** Where log lines go: stderr, or `log/lyceum.log` below LYCEUM_HOME, which is the default. */
  readonly logTo?: "stderr" | "file";
  /** Gives the start up between two of its steps. */
  readonly signal?: AbortSignal;
};

/** Services that run in this process. Disposing drains and stops them within 15 s. */
export type RunningProcess = AsyncDisposable & {
  /** Where its port answers, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The issuer of access tokens. */
  readonly publicUrl: string;
  /** Reaches every RPC hosted here, internal ones and neighbours included, through all interceptors. */
  readonly transport: Transport;
  readonly clients: Clients;
  readonly log: Logger;
  /** What a hosted service was given when it opened. */
  host(name: ServiceName): Host;
  /** The event log as a hosted service sees it; the first one hosted by default. */
  events(name?: ServiceName): EventLog;
};

// Streams may end by themselves until they are cut; connections that still hang are dropped; with the engines' own stop all
// of it stays below 15 s.
const cutStreamsMs = 2_000;
const dropConnectionsMs = 6_000;
const stopWorkMs = 6_000;

/** Starts services in this process and resolves when they are ready. Throws a StartError where it cannot. */
export async function startProcess(definitions: Definitions, options: ProcessOptions): Promise<RunningProcess> {
  const settings = readSettings(definitions, options.env);
  const hosted = definitions.map(({ name }) => name);
  await using starting = new AsyncDisposableStack();
  const frame = await openFrame(settings, hosted, options.logTo, starting);
  if (settings.telemetry) starting.use(await openTelemetry({ ...settings.telemetry, log: frame.log }));
  const inside = await openInside(definitions, settings, options, frame, starting);
  const services = await openServices(definitions, settings, frame, inside, starting);
  options.signal?.throwIfAborted();
  await prepare(services, frame, inside, starting);
  await Promise.all(services.map((service) => service.start()));
  options.signal?.throwIfAborted();
  frame.serve(
    createSurface({
      ...inside.trust,
      interceptors: inside.interceptors,
      services,
      routes: inside.directory.hosted,
      clients: inside.publicClients,
      network: inside.publicNetwork,
      urlOf: settings.urlOf,
      port: frame.port.port,
      log: frame.log,
      stopping: frame.stopping.signal,
      shutdownSignal: frame.shutdown.signal,
    }),
    await listEngines(services, inside.engines),
  );
  const stopAll = starting.move();
  let stopped: Promise<void> | undefined;
  const find = (name: ServiceName | undefined) =>
    services.find(({ definition }) => name === undefined || definition.name === name) ?? notHosted(name);
  return {
    url: frame.port.url,
    publicUrl: frame.publicUrl,
    transport: inside.transport,
    clients: inside.clientsOf((definitions[0] as ServiceDefinition).name),
    log: frame.log,
    host: (name) => find(name).host,
    events: (name) => find(name).host.events,
    [Symbol.asyncDispose]() {
      stopped ??= stop(services, frame).then(() => stopAll.disposeAsync());
      return stopped;
    },
  };
}

/** How the services of this process reach one another and those elsewhere. */
type Inside = {
  readonly patience: Patience;
  readonly engines: Engines;
  readonly directory: Directory;
  readonly trust: OpenTrust;
  readonly interceptors: readonly Interceptor[];
  readonly transport: Transport;
  clientsOf(name: ServiceName): Clients;
  readonly publicClients: Clients;
  readonly publicNetwork: Network;
};

async function openInside(
  definitions: Definitions,
  settings: Settings,
  { env, keys, neighbours, announce, signal }: ProcessOptions,
  { home, log, publicUrl, shutdown, stopping, onWaiting }: Frame,
  starting: AsyncDisposableStack,
): Promise<Inside> {
  const say = announce ?? (() => {});
  const signals = signal ? [stopping.signal, signal] : [stopping.signal];
  const patience = createPatience({ log, announce: say, onWaiting, signals });
  const hosted = definitions.map(({ name }) => name);
  const directory = createDirectory(hosted, neighbours);
  const trust = await openTrust({
    env,
    hosted,
    issuer: publicUrl,
    folder: await home.subfolder("keys"),
    trusted: keys ?? [],
    fetchKeys: async () =>
      (await inside.clientsOf("gateway").of(IdentityService).getJwks({}, { timeoutMs: 5_000 })).keys,
  });
  const interceptors = createInterceptors(log, trust.authenticator, trust.revocations);
  const call = { find: directory.find, interceptors, limits, shutdownSignal: shutdown.signal };
  const transport = createInProcessTransport({ ...call, surface: "internal" });
  const publicTransport = createInProcessTransport({ ...call, surface: "public" });
  const remotes = starting.use(openRemotes(settings.urlOf, log));
  const network = createNetwork(transport, directory.isLocal, remotes);
  const publicNetwork = createNetwork(publicTransport, directory.isLocal, remotes);
  const inside: Inside = {
    patience,
    engines: starting.use(openEngines({ settings, home, log, announce: say, patience })),
    directory,
    trust,
    interceptors,
    transport,
    clientsOf: (name) => createClients(name, network, trust.serviceKeys),
    publicClients: createClients("gateway", publicNetwork, trust.serviceKeys),
    publicNetwork,
  };
  return inside;
}

async function openServices(
  definitions: Definitions,
  settings: Settings,
  { home, log, publicUrl, stopping }: Frame,
  { engines, directory, patience, clientsOf }: Inside,
  starting: AsyncDisposableStack,
): Promise<HostedService[]> {
  const opened = await Promise.allSettled(
    definitions.map(async (definition) => {
      const { name } = definition;
      const clients = clientsOf(name);
      const around = {
        engines,
        home,
        log,
        publicUrl,
        clients,
        patience,
        stopping: stopping.signal,
        config: settings.configOf(name),
      };
      try {
        const hosted = starting.use(await openService(definition, around));
        directory.add(
          name,
          recordRoutes((router) => hosted.service.routes?.(router)),
        );
        return hosted;
      } catch (error) {
        // Others may be waiting for this one.
        directory.fail(error);
        throw error instanceof StartError ? error : new StartError(`${name} cannot start: ${error}`, { cause: error });
      }
    }),
  );
  const failed = opened.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
  return opened.map((result) => (result as PromiseFulfilledResult<HostedService>).value);
}

/** Does ahead what the first calls would wait for. */
async function prepare(
  services: readonly HostedService[],
  { log }: Frame,
  { directory, trust }: Inside,
  starting: AsyncDisposableStack,
): Promise<void> {
  const events = services[0]?.host.events;
  const from = new Date(Date.now() - accessTokenLifetimeMs);
  const [following] = await Promise.all([
    events?.follow([sessionRevoked], from, ({ data, time }) => trust.revocations.revoke(data.sessionId, time)),
    trust.accessKeys.load(),
    warmUp(directory.hosted).catch((error) => log.error({ err: error }, "A request's rules cannot be compiled.")),
  ]);
  if (following) starting.use(following);
}

async function stop(
  services: readonly HostedService[],
  { port, stopping, shutdown, refuse, log }: Frame,
): Promise<void> {
  stopping.abort(new Error("The process stops."));
  refuse();
  const cut = setTimeout(() => shutdown.abort(restarting()), cutStreamsMs);
  await Promise.all([
    port.close(dropConnectionsMs),
    ...services.map((service) =>
      within(stopWorkMs, service.stop(), () => new Error(`Not done in ${stopWorkMs} ms.`)).catch((error) =>
        log.warn({ err: error }, "Work did not end."),
      ),
    ),
  ]);
  clearTimeout(cut);
  shutdown.abort(restarting());
}

const restarting = () => fail(Code.Unavailable, "RESTARTING", "Lyceum stops or restarts. Try again in a moment.");

async function listEngines(services: readonly HostedService[], engines: Engines): Promise<Relied[]> {
  const log = await engines.openEvents();
  const shared = { service: undefined };
  const registry = { ...shared, name: "the schema registry", provider: "a schema registry", ping: log.registry.ping };
  return [
    { ...shared, name: "the event log", provider: engines.eventsProvider, ping: log.ping },
    ...(engines.eventsProvider === "Kafka" ? [registry] : []),
    ...services.flatMap(({ definition: { name }, database, service }) => {
      const provider = engines.isEmbedded(name) ? embeddedPostgres : "Postgres";
      const own = database && {
        name: `the database of ${name}`,
        provider,
        ping: () => database.sql`select 1`.execute(),
      };
      return [own ?? [], service.engines ?? []].flat().map((engine) => ({ ...engine, service: name }));
    }),
  ];
}

function notHosted(name: ServiceName | undefined): never {
  throw new Error(`${name ?? "No service"} does not run in this process.`);
}
