import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescMessage } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext, type Interceptor, type MethodImplSpec } from "@connectrpc/connect";
import {
  compressionNegotiate,
  createMethodSerializationLookup,
  invokeUnaryImplementation,
  type MethodSerializationLookup,
  mergeNonProtocolHeaders,
} from "@connectrpc/connect/protocol";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { limits } from "../limits.ts";
import type { Routes } from "../recorded-routes.ts";
import { protocolOptions } from "./protocol-options.ts";
import { drainBody, readWholeBody } from "./request-body.ts";
import type { RequestHandler, RpcOptions } from "./request-handler.ts";
import { answerUnary, createUnaryCall, type UnaryCall } from "./unary-call.ts";
import { endUnread } from "./unread.ts";

type Rpc = {
  readonly spec: MethodImplSpec & { readonly kind: "unary" };
  readonly messages: MethodSerializationLookup<DescMessage, DescMessage>;
};
type Serving = RpcOptions & { readonly interceptors: Interceptor[]; readonly running: Set<UnaryCall> };

const json = "application/json";
const plainHost = /^[\w.-]+(:\d{1,5})?$/;
// One for all calls: an abort without a reason makes an error with its stack each time.
const ended = new DOMException("This call has ended.", "AbortError");

/**
 * Serves plain unary calls over Connect and HTTP/1.1 as connect-node does, at a third of its cost; false for a request that is
 * unusual in any way, and then it is connect-node's.
 */
export function createUnaryHandler(routes: Routes, options: RpcOptions): RequestHandler {
  const rpcs = new Map<string | undefined, Rpc>();
  for (const [key, spec] of routes) if (spec.kind === "unary") rpcs.set(`/${key}`, createRpc(spec));
  const { shutdownSignal, log } = options;
  const serving = { ...options, interceptors: [...options.interceptors], running: new Set<UnaryCall>() };
  shutdownSignal.addEventListener("abort", () => {
    for (const call of serving.running) call.end(shutdownSignal.reason);
  });
  return (req, res) => {
    const rpc = rpcs.get(req.url);
    if (!rpc || !isPlain(req) || shutdownSignal.aborted) return false;
    serve(rpc, req, res, serving).catch((error) => {
      log.error({ err: error, url: req.url }, "An RPC could not be answered.");
      res.destroy();
    });
    return true;
  };
}

function createRpc(spec: Rpc["spec"]): Rpc {
  const { jsonOptions } = protocolOptions;
  return { spec, messages: createMethodSerializationLookup(spec.method, undefined, jsonOptions, protocolOptions) };
}

function isPlain({ method, httpVersion, headers }: IncomingMessage): boolean {
  const type = headers["content-type"];
  return (
    method === "POST" &&
    httpVersion === "1.1" &&
    (type === json || type === "application/proto") &&
    (headers["content-encoding"] ?? "identity") === "identity" &&
    Number(headers["content-length"] ?? 0) <= limits.readMaxBytes &&
    plainHost.test(headers.host ?? "")
  );
}

async function serve(rpc: Rpc, req: IncomingMessage, res: ServerResponse, serving: Serving): Promise<void> {
  const call = createUnaryCall(rpc.spec.method, req, serving.surface);
  const { context, end } = call;
  res.once("close", () => {
    if (!context.signal.aborted) end(new ConnectError("The client went away.", Code.Canceled));
  });
  let status = 200;
  let body: Uint8Array;
  serving.running.add(call);
  try {
    body = await run(rpc, call, req, serving);
  } catch (reason) {
    const error = reason instanceof ConnectError ? reason : new ConnectError("internal error", Code.Internal);
    status = codeToHttpStatus(error.code);
    context.responseHeader.set("content-type", json);
    if (!error.isWireError) mergeNonProtocolHeaders(context.responseHeader, error.metadata);
    body = errorToJsonBytes(error, protocolOptions.jsonOptions);
  } finally {
    serving.running.delete(call);
    end(ended);
  }
  if (!res.destroyed) answerUnary(res, status, context, await compress(context, body));
  drainBody(req);
}

async function run(
  { spec, messages }: Rpc,
  { context, timeoutError }: UnaryCall,
  req: IncomingMessage,
  serving: Serving,
) {
  const startMs = performance.now();
  const binary = req.headers["content-type"] !== json;
  let input: ReturnType<ReturnType<typeof messages.getI>["parse"]>;
  try {
    if (timeoutError) throw timeoutError;
    input = messages.getI(binary).parse(await readWholeBody(req, limits.readMaxBytes));
  } catch (error) {
    const traceparent = context.requestHeader.get("traceparent");
    endUnread({ method: context.method, traceparent, startMs }, error, serving.log);
    throw error;
  }
  return messages.getO(binary).serialize(await invokeUnaryImplementation(spec, context, input, serving.interceptors));
}

async function compress({ requestHeader, responseHeader }: HandlerContext, body: Uint8Array): Promise<Uint8Array> {
  if (body.byteLength < protocolOptions.compressMinBytes) return body;
  const accepted = requestHeader.get("accept-encoding");
  const { response } = compressionNegotiate(protocolOptions.acceptCompression, null, accepted, "accept-encoding");
  if (!response) return body;
  responseHeader.set("content-encoding", response.name);
  return response.compress(body as Uint8Array<ArrayBuffer>);
}
