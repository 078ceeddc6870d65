import type { DescMethodStreaming, DescMethodUnary, DescService } from "@bufbuild/protobuf";
import { type CallOptions, type Client, Code, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { Logger } from "pino";
import type { ServiceKeys } from "../auth/service-keys.ts";
import type { Clients, ServiceName } from "../define-service.ts";
import { fail } from "../errors.ts";
import { limits } from "../limits.ts";
import { serviceNameOf } from "../service-name.ts";
import { currentTraceparent } from "../trace.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import { createSessionManager } from "./http2-session.ts";
import { retryCalls } from "./retry-calls.ts";
import { traceCallsMade } from "./trace-calls-made.ts";

/** Where RPCs are: some in this process, others behind `<SERVICE>_URL`. */
export type Network = { transportOf(service: DescService): Transport };

/** The services of other processes. */
export type Remotes = Disposable & {
  /** The way to one of them; undefined where `<SERVICE>_URL` is not set. */
  transportOf(name: ServiceName): Transport | undefined;
};

/** Opens a connection, guarded by a breaker of its own, to each callee that is asked for. */
export function openRemotes(urlOf: (name: ServiceName) => string | undefined, log: Logger): Remotes {
  const opened = new DisposableStack();
  const transports = new Map<ServiceName, Transport>();
  const connectTo = (callee: ServiceName, baseUrl: string) => {
    const sessionManager = opened.use(createSessionManager(baseUrl));
    const breaker = opened.use(createCircuitBreaker({ callee, log }));
    const { readMaxBytes: writeMaxBytes, writeMaxBytes: readMaxBytes } = limits;
    const transport = withDeadline(
      createGrpcTransport({
        baseUrl,
        sessionManager,
        readMaxBytes,
        writeMaxBytes,
        interceptors: [traceCallsMade(), breaker.interceptor, retryCalls(callee)],
      }),
    );
    transports.set(callee, transport);
    return transport;
  };
  return {
    transportOf(name) {
      const url = urlOf(name);
      return url === undefined ? undefined : (transports.get(name) ?? connectTo(name, url));
    },
    [Symbol.dispose]: () => opened.dispose(),
  };
}

/** Chooses for every service between this process and its URL. */
export function createNetwork(local: Transport, isLocal: (service: DescService) => boolean, remotes: Remotes): Network {
  return {
    transportOf(service) {
      if (isLocal(service)) return local;
      const name = serviceNameOf(service);
      return remotes.transportOf(name) ?? nowhere(name);
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

/** A unary call that names no deadline gets the one it would have in-process; a stream may last. */
function withDeadline(transport: Transport): Transport {
  return {
    unary: (method, signal, timeoutMs = limits.defaultTimeoutMs, ...rest) =>
      transport.unary(method, signal, timeoutMs, ...rest),
    stream: (...call) => transport.stream(...call),
  };
}

function nowhere(name: ServiceName): Transport {
  const refuse = (_: DescMethodUnary | DescMethodStreaming) =>
    Promise.reject(
      fail(Code.Unavailable, "NOT_CONFIGURED", `${name} does not run here, and ${name.toUpperCase()}_URL is not set.`),
    );
  return { unary: refuse, stream: refuse };
}
