import { type DescMethod, type DescService, getOption } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { rule } from "@lyceum/gen/proto/lyceum/access/v1/access_pb.ts";
import { createPathMatcher, listRestRoutes } from "@lyceum/rest";
import { listRoutes, readOpenApi } from "../open-api.ts";

/** What a key must be allowed to call an endpoint. */
export type Demand = {
  /** Such as `files:read`. */
  readonly scope: string;
  /** True if anybody may call it without a credential. */
  readonly isPublic: boolean;
};

/** Says what an endpoint demands; undefined for what needs nobody to sign in, such as the page. */
export type Demands = (method: string, path: string) => Demand | undefined;

/** The demands of these services' RPCs, by their own path and by REST, and of their plain HTTP. */
export function createDemands(services: readonly DescService[]): Demands {
  const rpcs = new Map(
    services.flatMap(({ typeName, methods }) => methods.map((rpc) => [`/${typeName}/${rpc.name}`, demandOf(rpc)])),
  );
  const rest = listRestRoutes(services).map(({ method, path, rpc }) => ({
    method,
    matches: createPathMatcher(path),
    demand: demandOf(rpc),
  }));
  const plain = listRoutes(readOpenApi(services), services).map(({ method, path, service }) => ({
    method,
    matches: createPathMatcher(path),
    demand: {
      scope: `${nameOf(service)}:${isReadMethod(method) ? "read" : "write"}`,
      isPublic: method === "OPTIONS",
    },
  }));
  const routes = [...rest, ...plain];
  return (method, path) =>
    rpcs.get(path) ??
    routes.find(
      (route) => (route.method === method || (route.method === "GET" && method === "HEAD")) && route.matches(path),
    )?.demand;
}

/** True if a key with these scopes may call. Who may write may read. */
export function meets(scopes: readonly string[], { scope }: Demand): boolean {
  return scopes.includes(scope) || scopes.includes(scope.replace(/:read$/, ":write"));
}

function demandOf(rpc: DescMethod): Demand {
  const isRead = rpc.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  return { scope: `${nameOf(rpc.parent)}:${isRead ? "read" : "write"}`, isPublic: getOption(rpc, rule).public };
}

function isReadMethod(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

/** `lyceum.files.v1.FileService` belongs to files. */
function nameOf(service: DescService): string {
  return service.typeName.split(".")[1] ?? "";
}
