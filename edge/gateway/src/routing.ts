import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  answerProblem,
  createRestHandler,
  defaultRequestHeaders,
  defaultResponseHeaders,
  withHttp,
} from "@lyceum/rest";
import { clientAddressHeader, type Mounts, sessionHeader } from "@lyceum/service";
import type { Live } from "./live/live.ts";
import { listRoutes, readOpenApi } from "./open-api.ts";
import { createPage } from "./page.ts";
import { createReference } from "./reference.ts";
import { createRemotes } from "./remotes.ts";
import { isRpcPath } from "./rpc-error.ts";
import { createAsset, sendAsset } from "./send-asset.ts";

/** A request on its way. */
export type Exchange = {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Without the query. */
  readonly path: string;
  readonly traceId: string;
};

/** What is served, and from where. */
export type RoutingOptions = {
  readonly mounts: Mounts;
  /** The services of other processes. */
  readonly remoteServices: readonly DescService[];
  readonly live: Live;
  readonly pageFolder: string;
  readonly filesOrigin: string | undefined;
};

/** Finds what serves a request: the first that knows it. Throws for what nobody does. */
export function createRouting(options: RoutingOptions): ((exchange: Exchange) => void) & Disposable {
  const { mounts, remoteServices, live } = options;
  const services = [...mounts.services, ...remoteServices];
  const openApi = readOpenApi(services);
  const remotes = createRemotes(mounts, remoteServices, listRoutes(openApi, remoteServices));
  const tools = mounts.tools(remoteServices);
  const rest = createRestHandler({
    services,
    client: (service) => mounts.clients.of(service),
    otherRoutes: [...mounts.httpRoutes, ...remotes.routes],
    requestHeaders: [...defaultRequestHeaders, clientAddressHeader, sessionHeader, "cookie"],
    responseHeaders: [...defaultResponseHeaders, "set-cookie"],
  });
  const documents = createDocuments(options, JSON.stringify(openApi));
  const route = ({ req, res, path, traceId }: Exchange) => {
    if (mounts.rpc(req, res) || remotes.rpc(req, res, path) || tools(req, res)) return;
    if (isRpcPath(path)) throw new ConnectError(`${path} is not implemented.`, Code.Unimplemented);
    if (live.http(req, res, path)) return;
    if (mounts.http(req, res) || remotes.http(req, res, path, traceId) || rest(req, res)) return;
    void documents(req, res, path).catch((error) => answerProblem(res, error, traceId));
  };
  return Object.assign(route, { [Symbol.dispose]: () => remotes[Symbol.dispose]() });
}

/** What is left: the description, its reference and the page. */
function createDocuments({ pageFolder, filesOrigin }: RoutingOptions, openApi: string) {
  const description = createAsset(openApi, { "content-type": "application/json" });
  const page = createPage(pageFolder, filesOrigin);
  const reference = createReference();
  return async (req: IncomingMessage, res: ServerResponse, path: string): Promise<void> => {
    if (isApiPath(path)) throw new ConnectError(`There is no ${path}.`, Code.NotFound);
    const isRead = req.method === "GET" || req.method === "HEAD";
    if (!isRead)
      throw withHttp(new ConnectError("This path takes GET, HEAD.", Code.Unimplemented), 405, { allow: "GET, HEAD" });
    if (path === "/openapi.json") await sendAsset(req, res, description);
    else if (!(await reference(req, res, path)) && !(await page(req, res, path)))
      throw new ConnectError(`There is no ${path}.`, Code.NotFound);
  };
}

function isApiPath(path: string): boolean {
  return /^\/(?:v1|lyceum\.[^/]*|\.well-known)(?:\/|:|$)/.test(path);
}
