import type { DescService } from "@bufbuild/protobuf";
import type { Client, ServiceImpl } from "@connectrpc/connect";
import { Health, HealthCheckResponse_ServingStatus } from "@lyceum/gen/proto/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "@lyceum/gen/proto/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "@lyceum/gen/proto/grpc/reflection/v1alpha/reflection_pb.ts";
import type { Logger } from "pino";
import { keepDeadline } from "../interceptors/keep-deadline.ts";
import { mapErrors } from "../interceptors/map-errors.ts";
import { traceCalls } from "../interceptors/trace-calls.ts";
import { recordRoutes } from "../recorded-routes.ts";
import type { RequestHandler } from "../server/request-handler.ts";
import { createRpcHandler } from "../server/rpc-handler.ts";
import { createGrpcHealth } from "./grpc-health.ts";
import { createReflection } from "./reflection.ts";

/** What tools are told about a process. */
export type ToolOptions = {
  /** What they may know of. */
  readonly services: readonly DescService[];
  /** The health of the process that hosts a service; undefined for this one. */
  readonly healthOf: (service: DescService) => Client<typeof Health> | undefined;
  readonly log: Logger;
  readonly stopping: AbortSignal;
  readonly shutdownSignal: AbortSignal;
};

const askMs = 1_000;

/**
 * Serves what generic gRPC tools ask of any server: health and reflection. Both are open to everybody, and tell nothing that
 * the published protos and `/readyz` don't.
 */
export function createToolHandler({ services, healthOf, log, stopping, shutdownSignal }: ToolOptions): RequestHandler {
  const known = [...services, Health, ServerReflection, ServerReflectionAlpha];
  const reflect = createReflection(known);
  const askRemote = (service: DescService) =>
    healthOf(service)
      ?.check({ service: service.typeName }, { timeoutMs: askMs })
      .then(
        ({ status }) => status === HealthCheckResponse_ServingStatus.SERVING,
        () => false,
      );
  const routes = recordRoutes((router) =>
    router
      .service(Health, createGrpcHealth({ services: known, askRemote, stopping }))
      .service(ServerReflection, { serverReflectionInfo: reflect })
      // Nothing but the name of the package tells its messages from those of v1.
      .service(ServerReflectionAlpha, {
        serverReflectionInfo: reflect as ServiceImpl<typeof ServerReflectionAlpha>["serverReflectionInfo"],
      }),
  );
  const interceptors = [traceCalls(), mapErrors(), keepDeadline()];
  return createRpcHandler(routes, { interceptors, surface: "public", log, shutdownSignal });
}
