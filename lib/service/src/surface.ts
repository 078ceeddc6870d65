import { Code, createClient, type Interceptor } from "@connectrpc/connect";
import { Health } from "@lyceum/gen/proto/grpc/health/v1/health_pb.ts";
import { answerProblem } from "@lyceum/rest";
import type { Authenticator } from "./auth/authenticator.ts";
import { signInRequired } from "./caller.ts";
import type { Network } from "./clients/clients.ts";
import type { Clients, Front, Mounts, Person } from "./define-service.ts";
import { fail } from "./errors.ts";
import { createFeeds } from "./feeds/create-feeds.ts";
import { createRemoteFeeds } from "./feeds/remote-feeds.ts";
import type { HostedService } from "./open-service.ts";
import type { Routes } from "./recorded-routes.ts";
import { createFeedHandler } from "./server/feed-handler.ts";
import { createHttpHandler, type HttpOptions } from "./server/http-routes.ts";
import { createRpcHandler } from "./server/rpc-handler.ts";
import { isInternal } from "./service-name.ts";
import type { Settings } from "./settings.ts";
import { createToolHandler } from "./tools/tool-handler.ts";
import { continueTrace } from "./trace.ts";

/** What a process's port answers from. */
export type SurfaceOptions = HttpOptions & {
  readonly interceptors: readonly Interceptor[];
  readonly services: readonly HostedService[];
  /** The RPCs hosted here. */
  readonly routes: Routes;
  /** The front's clients: in-process calls of theirs are public ones. */
  readonly clients: Clients;
  /** Where the services of other processes are. */
  readonly network: Network;
  readonly urlOf: Settings["urlOf"];
  readonly port: number;
  /** Aborted when the process begins to stop. */
  readonly stopping: AbortSignal;
};

/** The port of a process: its front, and nothing internal, where it has one; else all RPCs and routes of its services. */
export function createSurface(options: SurfaceOptions): Front {
  const { services, routes, interceptors, network, stopping, log, shutdownSignal } = options;
  const gateway = services.find(({ service }) => service.front);
  const surface = gateway ? "public" : "internal";
  const served = gateway ? new Map([...routes].filter(([, { method }]) => !isInternal(method.parent))) : routes;
  const hosted = [...new Set(services.flatMap(({ definition }) => definition.rpcs))].filter(
    (service) => !gateway || !isInternal(service),
  );
  const httpRoutes = services.flatMap(({ service }) => service.http ?? []);
  const feeds = services.flatMap(({ service }) => service.feeds ?? []);
  const openFeed = createFeeds({ ...options, feeds });
  const openRemoteFeed = createRemoteFeeds(options.urlOf);
  const serveFeed = createFeedHandler({ feeds, openFeed, log });
  const serveRpc = createRpcHandler(served, { interceptors, surface, log, shutdownSignal });
  const rpc: Mounts["rpc"] = (req, res) => serveFeed(req, res) || serveRpc(req, res);
  const http = createHttpHandler(httpRoutes, options);
  const tools: Mounts["tools"] = (remote) =>
    createToolHandler({
      services: [...hosted, ...remote],
      healthOf: (service) =>
        remote.includes(service) ? createClient(Health, network.transportOf(service)) : undefined,
      log,
      stopping,
      shutdownSignal,
    });
  const front = gateway?.service.front?.({
    services: hosted,
    clients: options.clients,
    rpc,
    http,
    httpRoutes,
    feed: (rpc, ...rest) => (hosted.includes(rpc.parent) ? openFeed(rpc, ...rest) : openRemoteFeed(rpc, ...rest)),
    tools,
    identify: (token) => identify(options.authenticator, token),
    port: options.port,
    remoteUrl: options.urlOf,
  });
  if (front) return front;
  const ownTools = tools([]);
  return {
    request: (req, res) => void (rpc(req, res) || http(req, res) || ownTools(req, res) || answerUnknown(req, res)),
    upgrade: (_, socket) => void socket.end(noUpgrade),
  };
}

const noUpgrade = "HTTP/1.1 501 Not Implemented\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

async function identify(authenticator: Authenticator, token: string): Promise<Person> {
  const caller = await authenticator.authenticate(token, undefined);
  if (caller.kind !== "person") throw signInRequired();
  return caller;
}

const answerUnknown: Front["request"] = (req, res) => {
  const error = fail(Code.NotFound, "UNKNOWN_PATH", "Nothing is served at this path.");
  answerProblem(res, error, continueTrace(req.headers.traceparent?.toString()).traceId);
};
