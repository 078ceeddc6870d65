import type { ConnectRouter, Transport } from "@connectrpc/connect";
import type { EventLog } from "@lyceum/events";
import type { JWK } from "jose";
import type { Clients, Host, ServiceDefinition, ServiceName } from "./define-service.ts";
import { StartError } from "./errors.ts";

/** What a process is started with. */
export type ProcessOptions = {
  /** The environment; only these variables are read. `PORT=0` takes any free port. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Public Ed25519 keys, each with a `kid`, trusted for access tokens beside those of identity's GetJwks. */
  readonly keys?: readonly JWK[];
  /** Hand-written RPCs in place of services that do not run here; called in-process. */
  readonly neighbours?: (router: ConnectRouter) => void;
  /** Hears how the start goes on, a line at a time. */
  readonly announce?: (line: string) => void;
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
  /** What a hosted service was given when it opened. */
  host(name: ServiceName): Host;
  /** The event log as a hosted service sees it; the first one hosted by default. */
  events(name?: ServiceName): EventLog;
};

/** Starts services in this process and resolves when they are ready. Throws a StartError where it cannot. */
export async function startProcess(
  // biome-ignore lint/suspicious/noExplicitAny: definitions with different configs share one list
  definitions: readonly ServiceDefinition<any>[],
  options: ProcessOptions,
): Promise<RunningProcess> {
  throw new StartError(`Starting ${definitions.length} services from ${Object.keys(options.env).length} variables.`);
}
