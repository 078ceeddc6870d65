import { randomBytes } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import { answerProblem, createRestHandler, readTraceId, withHttp } from "@lyceum/rest";
import type { Mounts } from "@lyceum/service";
import { listRoutes, readOpenApi } from "./open-api.ts";
import { createPage } from "./page.ts";
import { createRemotes, findRemoteServices } from "./remotes.ts";
import { answerRpcError, isRpcPath } from "./rpc-error.ts";
import { dropServiceToken } from "./service-token.ts";

/** Serves everything that comes from outside: RPCs, gRPC health and reflection, plain HTTP, REST, `/openapi.json` and the page, in this order. */
export function createFront(mounts: Mounts, pageFolder: string): RequestListener & Disposable {
  const remoteServices = findRemoteServices(mounts);
  const services = [...mounts.services, ...remoteServices];
  const openApi = readOpenApi(services);
  const openApiText = JSON.stringify(openApi);
  const remotes = createRemotes(mounts, remoteServices, listRoutes(openApi, remoteServices));
  const rest = createRestHandler({
    services,
    client: (service) => mounts.clients.of(service),
    otherRoutes: [...mounts.httpRoutes, ...remotes.routes],
  });
  const tools = mounts.tools(remoteServices);
  const page = createPage(pageFolder);

  const listen = (req: IncomingMessage, res: ServerResponse): void => {
    const path = (req.url ?? "").split("?", 1)[0] ?? "";
    const traceId = beginTrace(req);
    res.setHeader("lyceum-trace-id", traceId);
    dropServiceToken(req);
    try {
      if (mounts.rpc(req, res) || remotes.rpc(req, res, path) || tools(req, res)) return;
      if (isRpcPath(path)) {
        answerRpcError(req, res, new ConnectError(`${path} is not implemented.`, Code.Unimplemented));
        return;
      }
      if (mounts.http(req, res) || remotes.http(req, res, path, traceId) || rest(req, res)) return;
      void serveOther(req, res, path).catch((error) => answerProblem(res, error, traceId));
    } catch (error) {
      answerProblem(res, error, traceId);
    }
  };

  /** What is left: the description and the page. */
  const serveOther = async (req: IncomingMessage, res: ServerResponse, path: string): Promise<void> => {
    if (isApiPath(path)) throw new ConnectError(`There is no ${path}.`, Code.NotFound);
    const isRead = req.method === "GET" || req.method === "HEAD";
    if (!isRead)
      throw withHttp(new ConnectError("This path takes GET, HEAD.", Code.Unimplemented), 405, { allow: "GET, HEAD" });
    if (path === "/openapi.json") sendOpenApi(req, res, openApiText);
    else if (!(await page(req, res, path))) throw new ConnectError(`There is no ${path}.`, Code.NotFound);
  };

  return Object.assign(listen, { [Symbol.dispose]: () => remotes[Symbol.dispose]() });
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
