import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import { answerProblem, createRestHandler, readTraceId, withHttp } from "@lyceum/rest";
import type { Front, Mounts } from "@lyceum/service";
import type { GatewayConfig } from "./config.ts";
import { createFilesOrigin } from "./files-origin.ts";
import { listRoutes, readOpenApi } from "./open-api.ts";
import { createOrigins, ownOrigins } from "./origins.ts";
import { createPage } from "./page.ts";
import { createRateLimits } from "./rate-limits.ts";
import { createReference } from "./reference.ts";
import { createRemotes, findRemoteServices } from "./remotes.ts";
import { answerRpcError, isRpcPath } from "./rpc-error.ts";
import { commonHeaders } from "./security-headers.ts";
import { createAsset, sendAsset } from "./send-asset.ts";
import { dropServiceToken } from "./service-token.ts";

/** What the front is told beside what it mounts. */
export type FrontOptions = {
  readonly config: GatewayConfig;
  /** Where people reach Lyceum. */
  readonly publicUrl: string;
  /** The built page. */
  readonly pageFolder: string;
};

/**
 * Serves everything that comes from outside: RPCs, gRPC health and reflection, plain HTTP, REST, `/openapi.json`, `/docs` and
 * the page, in this order.
 */
export function createFront(mounts: Mounts, { config, publicUrl, pageFolder }: FrontOptions): Front & Disposable {
  const remoteServices = findRemoteServices(mounts);
  const services = [...mounts.services, ...remoteServices];
  const openApi = readOpenApi(services);
  const openApiAsset = createAsset(JSON.stringify(openApi), { "content-type": "application/json" });
  const remotes = createRemotes(mounts, remoteServices, listRoutes(openApi, remoteServices));
  const rest = createRestHandler({
    services,
    client: (service) => mounts.clients.of(service),
    otherRoutes: [...mounts.httpRoutes, ...remotes.routes],
  });
  const tools = mounts.tools(remoteServices);
  const page = createPage(pageFolder, config.filesOrigin);
  const reference = createReference();
  const headers = Object.entries(commonHeaders(publicUrl));
  const origins = createOrigins([...ownOrigins(publicUrl, mounts.port), ...config.allowedOrigins]);
  const countCall = createRateLimits(config, services, mounts.identify);
  const filesOrigin = createFilesOrigin(config.filesOrigin);

  const request = (req: IncomingMessage, res: ServerResponse): void => {
    const path = (req.url ?? "").split("?", 1)[0] ?? "";
    const traceId = beginTrace(req);
    res.setHeader("lyceum-trace-id", traceId);
    for (const [name, value] of headers) res.setHeader(name, value);
    if (origins.share(req, res)) return;
    dropServiceToken(req);
    const counted = countCall(req, path);
    if (!counted) serve(req, res, path, traceId);
    else {
      counted.then(
        () => serve(req, res, path, traceId),
        (error) => refuse(req, res, path, traceId, error),
      );
    }
  };

  const serve = (req: IncomingMessage, res: ServerResponse, path: string, traceId: string): void => {
    try {
      if (filesOrigin(req, res, path)) return;
      if (mounts.rpc(req, res) || remotes.rpc(req, res, path) || tools(req, res)) return;
      if (isRpcPath(path)) throw new ConnectError(`${path} is not implemented.`, Code.Unimplemented);
      if (mounts.http(req, res) || remotes.http(req, res, path, traceId) || rest(req, res)) return;
      void serveOther(req, res, path).catch((error) => answerProblem(res, error, traceId));
    } catch (error) {
      refuse(req, res, path, traceId, error);
    }
  };

  /** What is left: the description, its reference and the page. */
  const serveOther = async (req: IncomingMessage, res: ServerResponse, path: string): Promise<void> => {
    if (isApiPath(path)) throw new ConnectError(`There is no ${path}.`, Code.NotFound);
    const isRead = req.method === "GET" || req.method === "HEAD";
    if (!isRead)
      throw withHttp(new ConnectError("This path takes GET, HEAD.", Code.Unimplemented), 405, { allow: "GET, HEAD" });
    if (path === "/openapi.json") await sendAsset(req, res, openApiAsset);
    else if (!(await reference(req, res, path)) && !(await page(req, res, path)))
      throw new ConnectError(`There is no ${path}.`, Code.NotFound);
  };

  const upgrade: Front["upgrade"] = (req, socket) => {
    socket.end(origins.allows(req.headers.origin) ? notFound : forbidden);
  };

  return { request, upgrade, [Symbol.dispose]: () => remotes[Symbol.dispose]() };
}

/** Answers an error in the protocol the request speaks. */
function refuse(req: IncomingMessage, res: ServerResponse, path: string, traceId: string, error: unknown): void {
  if (error instanceof ConnectError && isRpcPath(path)) answerRpcError(req, res, error);
  else answerProblem(res, error, traceId);
}

/** The id of the request's trace, which begins here if the request brings none; every hop goes on from its header. */
function beginTrace(req: IncomingMessage): string {
  if (readTraceId(req.headers.traceparent) === "") {
    req.headers.traceparent = `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`;
  }
  return readTraceId(req.headers.traceparent);
}

const forbidden = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
const notFound = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

function isApiPath(path: string): boolean {
  return /^\/(?:v1|lyceum\.[^/]*|\.well-known)(?:\/|:|$)/.test(path);
}
