import type { DescService } from "@bufbuild/protobuf";
import type { ServiceName } from "./define-service.ts";

/** Every service there is. */
export const serviceNames: readonly ServiceName[] = [
  "gateway",
  "identity",
  "profile",
  "files",
  "chat",
  "ingest",
  "rag",
];

/** Every service that keeps something, and so has a database: all but the gateway. */
export const keepingServices: readonly ServiceName[] = serviceNames.filter((name) => name !== "gateway");

/** The service that owns a proto service: the second word of `lyceum.files.v1.FileService`. */
export function serviceNameOf(service: DescService): ServiceName {
  return service.typeName.split(".")[1] as ServiceName;
}

/** True for RPCs between services: the gateway never serves them. */
export function isInternal(service: DescService): boolean {
  return service.name.endsWith("InternalService");
}
