import type { DescMethodStreaming, DescMethodUnary, DescService } from "@bufbuild/protobuf";
import { type CallOptions, type Client, Code, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { ServiceKeys } from "../auth/service-keys.ts";
import type { Clients, ServiceName } from "../define-service.ts";
import { fail } from "../errors.ts";
import { limits } from "../limits.ts";
import { serviceNameOf } from "../service-name.ts";
import { currentTraceparent } from "../trace.ts";
import { createSessionManager, type SessionManager } from "./http2-session.ts";
import { retryRefused } from "./retry-refused.ts";
import { traceCallsMade } from "./trace-calls-made.ts";

/** Where RPCs are: some in this process, others behind `<SERVICE>_URL`. */
export type Network = Disposable & {
  transportOf(service: DescService): Transport;
};

/** Chooses for every service between this process and its URL. */
export function openNetwork(
  local: Transport,
  isLocal: (service: DescService) => boolean,
  urlOf: (name: ServiceName) => string | undefined,
): Network {
  const sessions: SessionManager[] = [];
  const remotes = new Map<ServiceName, Transport>();
  const connectTo = (name: ServiceName, baseUrl: string) => {
    const sessionManager = createSessionManager(baseUrl);
    sessions.push(sessionManager);
    const { readMaxBytes: writeMaxBytes, writeMaxBytes: readMaxBytes } = limits;
    const transport = createGrpcTransport({
      baseUrl,
      sessionManager,
      readMaxBytes,
      writeMaxBytes,
      interceptors: [traceCallsMade(), retryRefused()],
    });
    remotes.set(name, transport);
    return transport;
  };
  return {
    transportOf(service) {
      if (isLocal(service)) return local;
      const name = serviceNameOf(service);
      const url = urlOf(name);
      return url === undefined ? nowhere(name) : (remotes.get(name) ?? connectTo(name, url));
    },
    [Symbol.dispose]() {
      for (const session of sessions) session[Symbol.dispose]();
    },
  };
}

/** The clients that `caller` has of all services. */
export function createClients(caller: ServiceName, network: Network, keys: ServiceKeys): Clients {
  const clients = new Map<DescService, unknown>();
  return {
    of<S extends DescService>(service: S): Client<S> {
      let client = clients.get(service) as Client<S> | undefined;
      if (!client) {
        client = createClient(service, network.transportOf(service));
        clients.set(service, client);
      }
      return client;
    },
    async asService(callee, { signal, onBehalfOf, timeoutMs } = {}): Promise<CallOptions> {
      const token = await keys.sign(caller, callee, onBehalfOf);
      const traceparent = currentTraceparent();
      return {
        headers: { authorization: `Bearer ${token}`, ...(traceparent ? { traceparent } : {}) },
        ...(signal ? { signal } : {}),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      };
    },
  };
}

function nowhere(name: ServiceName): Transport {
  const refuse = (_: DescMethodUnary | DescMethodStreaming) =>
    Promise.reject(
      fail(Code.Unavailable, "NOT_CONFIGURED", `${name} does not run here, and ${name.toUpperCase()}_URL is not set.`),
    );
  return { unary: refuse, stream: refuse };
}
