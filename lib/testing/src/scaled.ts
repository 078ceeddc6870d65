import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openEmbeddedPostgres } from "@lyceum/database";
import { keepingServices, makeServiceKeys, type ServiceName, serviceNames } from "@lyceum/service";
import { type Engines, startEngines, toVariables } from "./engines/index.ts";
import { type PgBouncerEngine, startPgBouncer } from "./engines/pgbouncer.ts";
import { startRelayedEngines } from "./engines/relayed.ts";
import { endLeftovers, noteProcesses } from "./leftovers.ts";
import { openDatabaseRelay, type Relay } from "./relay.ts";
import { fastStart, findFreePort, operatorFile } from "./start-program.ts";

const root = join(import.meta.dirname, "../../..");
const nodeOptions = ["--max-semi-space-size=16", ...fastStart];
const readyWithinMs = 120_000;
const stopWithinMs = 15_000;

/** How Lyceum is run as a process per service. */
export type ScaledOptions = {
  /** Everything is kept below this folder, that of the engines too. */
  readonly home: string;
  /** The gateway's. */
  readonly port: number;
  /** Variables for every process; those that name engines keep engines of its own from being started. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  /** With it the services reach its own engines through relays, so that these can be slow. */
  readonly relayed?: boolean;
  /** With it the services reach Postgres through PgBouncer in transaction mode, and past it only where they have to. */
  readonly pooled?: boolean;
  /** Ends the start. */
  readonly signal: AbortSignal;
};

/** Lyceum as a process per service on real engines. */
export type Scaled = AsyncDisposable & {
  readonly url: string;
  /** Ends one service as a crash would; a new process takes its place. */
  kill(name: ServiceName): Promise<void>;
  /** Ends one service in order; a new process takes its place. Answers, when that is ready, how long the end took. */
  restart(name: ServiceName): Promise<{ readonly stopMs: number }>;
  /** Its own engines, for faults; undefined where they were given. */
  readonly engines: Engines | undefined;
  /** The pooler before Postgres; only where it is `pooled`. */
  readonly pooler: PgBouncerEngine | undefined;
  /** From now on an engine's answers come so much later; only where it is `relayed`. */
  delay(engine: SlowEngine, ms: number): void;
};

/** An engine that can be slow. */
export type SlowEngine = "kafka" | "registry" | "s3" | "postgres";
type Relays = Record<SlowEngine, Relay[]>;

/**
 * Starts Postgres, Kafka, a schema registry and S3 without containers, then a process for each service, the gateway last. A
 * service that ends is started again, as an orchestrator would.
 */
export async function startScaled({ home, port, env, say, relayed, pooled, signal }: ScaledOptions): Promise<Scaled> {
  await mkdir(home, { recursive: true });
  await using starting = new AsyncDisposableStack();
  say("Starting Postgres, Kafka, the schema registry and S3…");
  const settings = { max_connections: "300" };
  // First, since it refuses a home that another run is using.
  const postgres = starting.use(await openEmbeddedPostgres({ folder: join(home, "postgres"), settings }));
  await endLeftovers(home);
  const relays: Relays | undefined = relayed ? { kafka: [], registry: [], s3: [], postgres: [] } : undefined;
  const engines = await openEngineVariables(home, env, relays, starting);
  const pooler = pooled
    ? starting.use(
        await startPgBouncer(join(home, "pgbouncer"), await Promise.all(keepingServices.map(postgres.urlOf))),
      )
    : undefined;
  const databaseUrlOf = async (name: ServiceName) => {
    const direct = await postgres.urlOf(name);
    if (pooler) return pooler.urlOf(direct);
    if (!relays) return direct;
    const { relay, url } = await openDatabaseRelay(direct);
    relays.postgres.push(starting.use(relay));
    return url;
  };
  signal.throwIfAborted();
  const ports = Object.fromEntries(
    await Promise.all(serviceNames.map(async (name) => [name, name === "gateway" ? port : await findFreePort()])),
  ) as Record<ServiceName, number>;
  const { LYCEUM_SERVICE_KEYS, ...keys } = await makeServiceKeys();
  const shared = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ...env,
    ...pick(engines.variables, /^(KAFKA|SCHEMA)_/),
    ...qdrantVariables(env),
    LYCEUM_SERVICE_KEYS,
    LYCEUM_PUBLIC_URL: env.LYCEUM_PUBLIC_URL ?? `http://localhost:${port}`,
    UV_THREADPOOL_SIZE: "16",
    ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_URL`, `http://127.0.0.1:${ports[name]}`])),
  };
  await writeOperatorVariables(join(home, operatorFile), {
    ...pick(shared, /^(KAFKA_|SCHEMA_)|^[A-Z]+_URL$/),
    LYCEUM_URL: `http://127.0.0.1:${port}`,
    ...Object.fromEntries(
      await Promise.all(
        keepingServices.map(async (name) => [`${name.toUpperCase()}_DATABASE_URL`, await postgres.urlOf(name)]),
      ),
    ),
  });
  const variablesOf = async (name: ServiceName) => {
    const own = name.toUpperCase();
    return {
      ...shared,
      ...pick(engines.variables, new RegExp(`^${own}_`)),
      PORT: `${ports[name]}`,
      LYCEUM_HOME: join(home, name),
      [`${own}_KEY`]: keys[`${own}_KEY`],
      ...(name !== "gateway" && { [`${own}_DATABASE_URL`]: await databaseUrlOf(name) }),
      ...(name !== "gateway" && pooler && { [`${own}_DATABASE_DIRECT_URL`]: await postgres.urlOf(name) }),
    };
  };
  const services = new Map<ServiceName, Supervised>();
  const startService = async (name: ServiceName) => {
    const service = supervise(name, await variablesOf(name), join(home, `${name}.log`), say);
    services.set(name, service);
    await waitUntilReady(name, ports[name], service, signal);
  };
  starting.defer(async () => {
    // Nobody comes in any more, then all others end side by side.
    await services.get("gateway")?.[Symbol.asyncDispose]();
    await Promise.all([...services.values()].map((service) => service[Symbol.asyncDispose]()));
  });
  say("Starting the services…");
  await Promise.all(serviceNames.filter((name) => name !== "gateway").map(startService));
  await startService("gateway");
  await noteProcesses(home);
  const running = starting.move();
  return {
    url: `http://127.0.0.1:${port}`,
    async kill(name) {
      await services.get(name)?.kill();
    },
    async restart(name) {
      const service = services.get(name) as Supervised;
      const start = performance.now();
      await service.restart();
      const stopMs = performance.now() - start;
      await waitUntilReady(name, ports[name], service, signal);
      return { stopMs };
    },
    engines: engines.own,
    pooler,
    delay(engine, ms) {
      // Half of it is spent on the way there.
      for (const relay of relays?.[engine] ?? []) relay.delay(ms / 2);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** What an operator's commands take, for `node --env-file` and shells. It holds passwords. */
async function writeOperatorVariables(path: string, variables: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(path, lines.join(""), { mode: 0o600 });
}

async function openEngineVariables(
  home: string,
  env: ScaledOptions["env"],
  relays: Relays | undefined,
  starting: AsyncDisposableStack,
): Promise<{ variables: Record<string, string>; own: Engines | undefined }> {
  if (env.KAFKA_BROKERS) return { variables: pick(env, /^(KAFKA|SCHEMA|FILES_S3)_/), own: undefined };
  if (relays) {
    const behind = starting.use(await startRelayedEngines(join(home, "engines")));
    await noteProcesses(home);
    for (const [name, relay] of Object.entries(behind.relays)) relays[name as SlowEngine].push(relay);
    return { variables: behind.variables, own: behind.engines };
  }
  const own = starting.use(await startEngines(join(home, "engines")));
  await noteProcesses(home);
  return { variables: toVariables(own), own };
}

/** `QDRANT_URL` names a Qdrant there is; none is in a package registry. */
function qdrantVariables({ QDRANT_URL, QDRANT_API_KEY, RAG_QDRANT_URL }: ScaledOptions["env"]): Record<string, string> {
  if (!QDRANT_URL || RAG_QDRANT_URL) return {};
  return { RAG_QDRANT_URL: QDRANT_URL, ...(QDRANT_API_KEY && { RAG_QDRANT_API_KEY: QDRANT_API_KEY }) };
}

function pick(from: Readonly<Record<string, string | undefined>>, names: RegExp): Record<string, string> {
  return Object.fromEntries(
    Object.entries(from).flatMap(([name, value]) => (value !== undefined && names.test(name) ? [[name, value]] : [])),
  );
}

type Supervised = AsyncDisposable & {
  /** From now on it is started again when it ends. */
  keep(): void;
  /** True if it ended before `keep`. */
  hasFailed(): boolean;
  kill(): Promise<void>;
  restart(): Promise<void>;
  lastWords(): string;
};

/** Keeps a service running until disposed. */
function supervise(
  name: ServiceName,
  env: Record<string, string | undefined>,
  logFile: string,
  say: (line: string) => void,
): Supervised {
  const main = join(root, name === "gateway" ? "edge/gateway" : `services/${name}`, "src/main.ts");
  let stopping = false;
  let kept = false;
  let failed = false;
  let words = "";
  let child: ChildProcess = begin();

  function begin(): ChildProcess {
    const started = spawn(process.execPath, [...nodeOptions, main], {
      env,
      cwd: root,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const log = open(logFile, "a");
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        words = (words + chunk).slice(-2_000);
        void log.then((file) => file.appendFile(chunk)).catch(() => {});
      });
    }
    started.once("exit", async (code, signal) => {
      await log.then((file) => file.close()).catch(() => {});
      if (stopping) return;
      failed = !kept;
      if (failed) return;
      say(`${name} ended (${signal ?? code}) and is started again.`);
      await sleep(500);
      if (!stopping) child = begin();
    });
    return started;
  }

  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    if (!(await Promise.race([exited, sleep(stopWithinMs, undefined, { ref: false })]))) child.kill("SIGKILL");
    await exited;
  };
  return {
    keep: () => {
      kept = true;
    },
    hasFailed: () => failed,
    kill: () => end("SIGKILL"),
    restart: () => end("SIGTERM"),
    lastWords: () => words,
    async [Symbol.asyncDispose]() {
      stopping = true;
      await end("SIGTERM");
    },
  };
}

async function waitUntilReady(
  name: ServiceName,
  port: number,
  service: Supervised,
  signal: AbortSignal,
): Promise<void> {
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline; await sleep(100)) {
    signal.throwIfAborted();
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (service.hasFailed()) throw new Error(`${name} cannot start: ${service.lastWords()}`);
    if (ready?.status === 200) return service.keep();
  }
  throw new Error(`${name} was not ready in ${readyWithinMs / 1_000} s:\n${service.lastWords()}`);
}
