import type { IncomingMessage, ServerResponse } from "node:http";
import { Code, type Interceptor } from "@connectrpc/connect";
import { answerProblem } from "@lyceum/rest";
import type { Clients, Mounts } from "./define-service.ts";
import { fail } from "./errors.ts";
import type { HostedService } from "./open-service.ts";
import type { Routes } from "./recorded-routes.ts";
import { createHttpHandler, type HttpOptions } from "./server/http-routes.ts";
import { createRpcHandler } from "./server/rpc-handler.ts";
import { isInternal } from "./service-name.ts";
import type { Settings } from "./settings.ts";
import { continueTrace } from "./trace.ts";

/** What a process's port answers from. */
export type SurfaceOptions = HttpOptions & {
  readonly interceptors: readonly Interceptor[];
  readonly services: readonly HostedService[];
  /** The RPCs hosted here. */
  readonly routes: Routes;
  /** The front's clients: in-process calls of theirs are public ones. */
  readonly clients: Clients;
  readonly urlOf: Settings["urlOf"];
};

/** The port of a process: its front, and nothing internal, where it has one; else all RPCs and routes of its services. */
export function createSurface(options: SurfaceOptions): (req: IncomingMessage, res: ServerResponse) => void {
  const { services, routes, interceptors, log, shutdownSignal } = options;
  const gateway = services.find(({ service }) => service.front);
  const surface = gateway ? "public" : "internal";
  const served = gateway ? new Map([...routes].filter(([, { method }]) => !isInternal(method.parent))) : routes;
  const httpRoutes = services.flatMap(({ service }) => service.http ?? []);
  const rpc = createRpcHandler(served, { interceptors, surface, log, shutdownSignal });
  const http = createHttpHandler(httpRoutes, options);
  const mounts: Mounts = {
    services: [...new Set(services.flatMap(({ definition }) => definition.rpcs))].filter(
      (service) => !isInternal(service),
    ),
    clients: options.clients,
    rpc,
    http,
    httpRoutes,
    remoteUrl: options.urlOf,
  };
  return (
    gateway?.service.front?.(mounts) ??
    ((req, res) => void (rpc(req, res) || http(req, res) || answerUnknown(req, res)))
  );
}

function answerUnknown(req: IncomingMessage, res: ServerResponse): void {
  const error = fail(Code.NotFound, "UNKNOWN_PATH", "Nothing is served at this path.");
  answerProblem(res, error, continueTrace(req.headers.traceparent?.toString()).traceId);
}
