import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  type ConnectRouter,
  createMethodImplSpec,
  createServiceImplSpec,
  type MethodImpl,
  type MethodImplSpec,
  type ServiceImpl,
} from "@connectrpc/connect";

/** The RPCs that were mounted, by `<service>/<method>`. */
export type Routes = ReadonlyMap<string, MethodImplSpec>;

/** Runs `mount` with a router that only takes down what is mounted, for HTTP and the in-process transport alike. */
export function recordRoutes(mount: (router: ConnectRouter) => void): Routes {
  const routes = new Map<string, MethodImplSpec>();
  const add = (spec: MethodImplSpec) => routes.set(routeKey(spec.method), spec);
  const router: ConnectRouter = {
    handlers: [],
    service<T extends DescService>(service: T, implementation: Partial<ServiceImpl<T>>) {
      for (const spec of Object.values(createServiceImplSpec(service, implementation).methods)) add(spec);
      return router;
    },
    rpc<M extends DescMethod>(method: M, impl: MethodImpl<M>) {
      add(createMethodImplSpec(method, impl));
      return router;
    },
  };
  mount(router);
  return routes;
}

/** Names an RPC in a `Routes` map. */
export function routeKey(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}
