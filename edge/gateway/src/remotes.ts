import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescService } from "@bufbuild/protobuf";
import { answerProblem, createPathMatcher, listRestRoutes } from "@lyceum/rest";
import type { Mounts, ServiceName } from "@lyceum/service";
import { contracts } from "./contracts.ts";
import { createForwarder, type Forwarder } from "./forward.ts";
import type { DescribedRoute } from "./open-api.ts";
import { answerRpcError } from "./rpc-error.ts";

/** The way to the services of other processes. Its functions are false for what belongs to none of them. */
export type Remotes = Disposable & {
  readonly routes: readonly { method: string; path: string }[];
  rpc(req: IncomingMessage, res: ServerResponse, path: string): boolean;
  http(req: IncomingMessage, res: ServerResponse, path: string, traceId: string): boolean;
};

/** Forwards to the services that are not hosted here: their RPCs, and the endpoints of theirs that are no RPCs. */
export function createRemotes(
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

/** The public services that are not hosted in this process and whose address is known. */
export function findRemoteServices({ services, remoteUrl }: Mounts): DescService[] {
  return contracts.filter(
    (contract) => !services.includes(contract) && remoteUrl(serviceNameOf(contract)) !== undefined,
  );
}

/** `lyceum.files.v1.FileService` belongs to files. */
function serviceNameOf(service: DescService): ServiceName {
  return service.file.proto.package.split(".")[1] as ServiceName;
}
