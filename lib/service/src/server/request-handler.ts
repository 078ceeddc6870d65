import type { IncomingMessage, ServerResponse } from "node:http";
import type { Interceptor } from "@connectrpc/connect";
import type { Logger } from "pino";

/** Serves a request if its path is an RPC's; false if it is none. */
export type RequestHandler = (req: IncomingMessage, res: ServerResponse) => boolean;

/** What RPCs over HTTP are served with. */
export type RpcOptions = {
  readonly interceptors: readonly Interceptor[];
  readonly surface: "public" | "internal";
  readonly log: Logger;
  /** Ends running calls when the process stops. */
  readonly shutdownSignal: AbortSignal;
};
