import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import {
  type Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@lyceum/gen/proto/grpc/health/v1/health_pb.ts";
import { fail } from "../errors.ts";

/** What gRPC health is told about. */
export type HealthSources = {
  readonly services: readonly DescService[];
  /** Asks whether a service of another process serves; undefined for one of this process. */
  readonly askRemote: (service: DescService) => Promise<boolean> | undefined;
  /** Aborted when this process begins to stop. */
  readonly stopping: AbortSignal;
};

const watchMs = 5_000;

/** gRPC health (grpc/health/v1/health.proto): of the process by the empty name, and of each service by its full one. */
export function createGrpcHealth({ services, askRemote, stopping }: HealthSources): ServiceImpl<typeof Health> {
  const byName = new Map<string, DescService | undefined>([
    ["", undefined],
    ...services.map((service): [string, DescService] => [service.typeName, service]),
  ]);
  const statusOf = async (name: string) => {
    if (!byName.has(name)) return Status.SERVICE_UNKNOWN;
    const service = byName.get(name);
    if (stopping.aborted || (service && (await askRemote(service)) === false)) return Status.NOT_SERVING;
    return Status.SERVING;
  };
  return {
    async check({ service }) {
      const status = await statusOf(service);
      if (status === Status.SERVICE_UNKNOWN) throw fail(Code.NotFound, "UNKNOWN_SERVICE", "No such service is here.");
      return { status };
    },
    async *watch({ service }, { signal }) {
      const until = AbortSignal.any([signal, stopping]);
      for (let last: Status | undefined; !signal.aborted; ) {
        const status = await statusOf(service);
        if (status !== last) yield { status };
        last = status;
        // Nobody will serve here again.
        if (stopping.aborted) return;
        await sleep(watchMs, undefined, { signal: until }).catch(() => {});
      }
    },
    async list() {
      const statuses = [...byName.keys()].map(async (name) => [name, { status: await statusOf(name) }] as const);
      return { statuses: Object.fromEntries(await Promise.all(statuses)) };
    },
  };
}
