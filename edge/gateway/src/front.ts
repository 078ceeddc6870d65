import { randomBytes } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  answerProblem,
  createPathMatcher,
  createRestHandler,
  listRestRoutes,
  readTraceId,
  withHttp,
} from "@lyceum/rest";
import type { Mounts, ServiceName } from "@lyceum/service";
import { contracts } from "./contracts.ts";
import { createForwarder, type Forwarder } from "./forward.ts";
import { type DescribedRoute, listRoutes, readOpenApi } from "./open-api.ts";
import { createPage } from "./page.ts";
import { answerRpcError, isRpcPath } from "./rpc-error.ts";
import { dropServiceToken } from "./service-token.ts";

/** Serves everything that comes from outside: RPCs, plain HTTP, REST, `/openapi.json` and the page, in this order. */
export function createFront(mounts: Mounts, pageFolder: string): RequestListener & Disposable {
  const remoteServices = contracts.filter(
    (contract) => !mounts.services.includes(contract) && mounts.remoteUrl(serviceNameOf(contract)) !== undefined,
  );
  const services = [...mounts.services, ...remoteServices];
  const openApi = readOpenApi(services);
  const openApiText = JSON.stringify(openApi);
  const remotes = createRemotes(mounts, remoteServices, listRoutes(openApi, remoteServices));
  const rest = createRestHandler({
    services,
    client: (service) => mounts.clients.of(service),
    otherRoutes: [...mounts.httpRoutes, ...remotes.routes],
  });
  const page = createPage(pageFolder);

  const listen = (req: IncomingMessage, res: ServerResponse): void => {
    const path = (req.url ?? "").split("?", 1)[0] ?? "";
    const traceId = beginTrace(req);
    res.setHeader("lyceum-trace-id", traceId);
    dropServiceToken(req);
    try {
      if (mounts.rpc(req, res) || remotes.rpc(req, res, path)) return;
      if (isRpcPath(path)) {
        answerRpcError(req, res, new ConnectError(`${path} is not implemented.`, Code.Unimplemented));
        return;
      }
      if (mounts.http(req, res) || remotes.http(req, res, path, traceId) || rest(req, res)) return;
      void serveRest(req, res, path).catch((error) => answerProblem(res, error, traceId));
    } catch (error) {
      answerProblem(res, error, traceId);
    }
  };

  /** What is left: the description and the page. */
  const serveRest = async (req: IncomingMessage, res: ServerResponse, path: string): Promise<void> => {
    if (isApiPath(path)) throw new ConnectError(`There is no ${path}.`, Code.NotFound);
    const isRead = req.method === "GET" || req.method === "HEAD";
    if (!isRead)
      throw withHttp(new ConnectError("This path takes GET, HEAD.", Code.Unimplemented), 405, { allow: "GET, HEAD" });
    if (path === "/openapi.json") sendOpenApi(req, res, openApiText);
    else if (!(await page(req, res, path))) throw new ConnectError(`There is no ${path}.`, Code.NotFound);
  };

  return Object.assign(listen, { [Symbol.dispose]: () => remotes[Symbol.dispose]() });
}

type Remotes = Disposable & {
  readonly routes: readonly { method: string; path: string }[];
  rpc(req: IncomingMessage, res: ServerResponse, path: string): boolean;
  http(req: IncomingMessage, res: ServerResponse, path: string, traceId: string): boolean;
};

/** Forwards to the services that are not hosted here: their RPCs, and the endpoints of theirs that are no RPCs. */
function createRemotes(
  mounts: Mounts,
  services: readonly DescService[],
  described: readonly DescribedRoute[],
): Remotes {
  const urls = new Set(services.map((service) => mounts.remoteUrl(serviceNameOf(service)) as string));
  const forwarders = new Map([...urls].map((url) => [url, createForwarder(url)]));
  const forwarderOf = (service: DescService) =>
    forwarders.get(mounts.remoteUrl(serviceNameOf(service)) as string) as Forwarder;
  const rpcs = new Map(
    services.flatMap(({ typeName, methods }) =>
      methods.map((rpc) => [`/${typeName}/${rpc.name}`, forwarderOf(rpc.parent)]),
    ),
  );
  const restRoutes = new Set(listRestRoutes(services).map(({ method, path }) => `${method} ${path}`));
  const routes = described
    .filter(({ method, path }) => !restRoutes.has(`${method} ${path}`))
    .map(({ method, path, service }) => ({
      method,
      path,
      matches: createPathMatcher(path),
      forwarder: forwarderOf(service),
    }));
  return {
    routes,
    rpc: (req, res, path) => {
      const forwarder = rpcs.get(path);
      forwarder?.forward(req, res, (error) => answerRpcError(req, res, error));
      return forwarder !== undefined;
    },
    http: (req, res, path, traceId) => {
      const route = routes.find(({ method, matches }) => method === req.method && matches(path));
      route?.forwarder.forward(req, res, (error) => answerProblem(res, error, traceId));
      return route !== undefined;
    },
    [Symbol.dispose]: () => {
      for (const forwarder of forwarders.values()) forwarder[Symbol.dispose]();
    },
  };
}

/** `lyceum.files.v1.FileService` belongs to files. */
function serviceNameOf(service: DescService): ServiceName {
  return service.file.proto.package.split(".")[1] as ServiceName;
}

/** The id of the request's trace, which begins here if the request brings none; every hop goes on from its header. */
function beginTrace(req: IncomingMessage): string {
  if (readTraceId(req.headers.traceparent) === "") {
    req.headers.traceparent = `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`;
  }
  return readTraceId(req.headers.traceparent);
}

function isApiPath(path: string): boolean {
  return /^\/(?:v1|lyceum\.[^/]*|\.well-known)(?:\/|:|$)/.test(path);
}

function sendOpenApi(req: IncomingMessage, res: ServerResponse, text: string): void {
  res.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
  });
  res.end(req.method === "HEAD" ? undefined : text);
}
