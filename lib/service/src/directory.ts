import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter, type MethodImplSpec } from "@connectrpc/connect";
import type { ServiceName } from "./define-service.ts";
import { type Routes, recordRoutes, routeKey } from "./recorded-routes.ts";
import { serviceNameOf } from "./service-name.ts";

/** The RPCs of this process, while its services open. */
export type Directory = {
  /** True if calls of a proto service stay in this process. */
  isLocal(service: DescService): boolean;
  /** The RPC; waits where its service is still opening. Throws `unimplemented` for one that isn't mounted. */
  find(method: DescMethod): Promise<MethodImplSpec>;
  /** Adds the RPCs of a service that has opened. */
  add(name: ServiceName, routes: Routes): void;
  /** Ends the wait for services that did not open. */
  fail(error: unknown): void;
  /** The RPCs of all services that are open here. */
  readonly hosted: Routes;
};

/** Begins with services that are opening, and hand-written neighbours of theirs. */
export function createDirectory(
  names: readonly ServiceName[],
  neighbours: ((router: ConnectRouter) => void) | undefined,
): Directory {
  const hosted = new Map<string, MethodImplSpec>();
  const canned = recordRoutes(neighbours ?? (() => {}));
  const neighbourServices = new Set([...canned.values()].map(({ method }) => method.parent.typeName));
  const opening = new Map(names.map((name) => [name, Promise.withResolvers<void>()]));
  for (const { promise } of opening.values()) promise.catch(() => {});
  return {
    hosted,
    isLocal: (service) => opening.has(serviceNameOf(service)) || neighbourServices.has(service.typeName),
    async find(method) {
      const key = routeKey(method);
      const known = hosted.get(key) ?? canned.get(key);
      if (known) return known;
      await opening.get(serviceNameOf(method.parent))?.promise;
      const found = hosted.get(key);
      if (!found)
        throw new ConnectError(`${method.parent.typeName}.${method.name} is not implemented`, Code.Unimplemented);
      return found;
    },
    add(name, routes) {
      for (const [key, spec] of routes) hosted.set(key, spec);
      opening.get(name)?.resolve();
    },
    fail(error) {
      for (const { reject } of opening.values()) reject(error);
    },
  };
}
