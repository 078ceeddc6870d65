import { AsyncLocalStorage } from "node:async_hooks";
import {
  create,
  type DescMessage,
  type DescMethodStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextValues,
  createHandlerContext,
  type HandlerContext,
  type Interceptor,
  type MethodImplSpec,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";
import {
  invokeUnaryImplementation,
  runStreamingCall,
  runUnaryCall,
  transformInvokeImplementation,
} from "@connectrpc/connect/protocol";
import { surfaceKey } from "../interceptors/authenticate.ts";
import { raceWith } from "../interceptors/tap-stream.ts";
import type { limits } from "../limits.ts";
import { createRunAhead } from "./run-ahead.ts";
import { toWireError } from "./wire-error.ts";

/** What an in-process transport calls. */
export type InProcessOptions = {
  /** Finds the RPC; may wait for its service to open. */
  readonly find: (method: DescMethodUnary | DescMethodStreaming) => MethodImplSpec | Promise<MethodImplSpec>;
  /** What calls pass on the server's side. */
  readonly interceptors: readonly Interceptor[];
  readonly surface: "public" | "internal";
  readonly limits: typeof limits;
  /** Ends running calls when the process stops. */
  readonly shutdownSignal?: AbortSignal;
};

// Handlers run in the context of the module's loading: nothing of the caller's AsyncLocalStorage reaches them.
const outsideOfCalls = AsyncLocalStorage.snapshot();

/**
 * Calls RPCs of this process with the semantics of a socket and a tenth of its cost: messages are copied through the binary
 * codec, headers are copied, errors lose their causes, and deadline and abort end a call at once.
 */
export function createInProcessTransport(options: InProcessOptions): Transport {
  return {
    unary: <I extends DescMessage, O extends DescMessage>(
      method: DescMethodUnary<I, O>,
      signal: AbortSignal | undefined,
      timeoutMs: number | undefined,
      header: HeadersInit | undefined,
      input: MessageInitShape<I>,
    ) =>
      runUnaryCall<I, O>({
        interceptors: [],
        ...(signal ? { signal } : {}),
        timeoutMs: timeoutMs ?? options.limits.defaultTimeoutMs,
        req: { ...requestOf(method, header), stream: false, method, message: create(method.input, input) },
        next: (req) => callUnary(options, method, req, timeoutMs ?? options.limits.defaultTimeoutMs),
      }),
    stream: <I extends DescMessage, O extends DescMessage>(
      method: DescMethodStreaming<I, O>,
      signal: AbortSignal | undefined,
      timeoutMs: number | undefined,
      header: HeadersInit | undefined,
      input: AsyncIterable<MessageInitShape<I>>,
    ) =>
      runStreamingCall<I, O>({
        interceptors: [],
        ...(signal ? { signal } : {}),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        req: { ...requestOf(method, header), stream: true, method, message: input as AsyncIterable<MessageShape<I>> },
        next: (req) => callStream(options, method, req, timeoutMs),
      }),
  };
}

type Request<M> = { readonly header: Headers; readonly signal: AbortSignal; readonly message: M };

async function callUnary<I extends DescMessage, O extends DescMessage>(
  options: InProcessOptions,
  method: DescMethodUnary<I, O>,
  req: Request<MessageShape<I>>,
  timeoutMs: number,
): Promise<UnaryResponse<I, O>> {
  const race = raceWith(req.signal);
  const context = createContext(options, method, req, timeoutMs);
  try {
    const input = readMessage(method.input, writeMessage(method.input, req.message), options.limits.readMaxBytes);
    const spec = await race.first(Promise.resolve(options.find(method)));
    if (spec.kind !== "unary") throw new ConnectError("The RPC is mounted as another kind.", Code.Unimplemented);
    const output = await race.first(
      outsideOfCalls(() =>
        invokeUnaryImplementation(spec as MethodImplSpec<I, O> & typeof spec, context, input, [
          ...options.interceptors,
        ]),
      ),
    );
    const message = readMessage(
      method.output,
      writeMessage(method.output, output as MessageShape<O>),
      options.limits.writeMaxBytes,
    );
    return { ...responseOf(method, context), stream: false, method, message };
  } catch (error) {
    const wireError = toWireError(error, context);
    context.abort(error);
    throw wireError;
  } finally {
    race.stop();
    context.abort();
  }
}

async function callStream<I extends DescMessage, O extends DescMessage>(
  options: InProcessOptions,
  method: DescMethodStreaming<I, O>,
  req: Request<AsyncIterable<MessageShape<I>>>,
  timeoutMs: number | undefined,
): Promise<StreamResponse<I, O>> {
  const context = createContext(options, method, req, timeoutMs);
  const race = raceWith(req.signal);
  let spec: MethodImplSpec;
  try {
    spec = await race.first(Promise.resolve(options.find(method)));
  } catch (error) {
    context.abort(error);
    throw toWireError(error, context);
  } finally {
    race.stop();
  }
  const copyInput = async function* () {
    for await (const message of req.message) {
      yield readMessage(method.input, writeMessage(method.input, message), options.limits.readMaxBytes);
    }
  };
  const responses = createRunAhead<MessageShape<O>>({
    start: () =>
      outsideOfCalls(() =>
        transformInvokeImplementation(spec, context, [...options.interceptors])(copyInput()),
      ) as AsyncIterable<MessageShape<O>>,
    run: outsideOfCalls,
    copy: (message) => readMessage(method.output, writeMessage(method.output, message), options.limits.writeMaxBytes),
    mapError: (error) => toWireError(error, context),
    onEnd: (error) => context.abort(error),
    size: options.limits.runAhead,
    signal: req.signal,
  });
  await responses.started;
  return { ...responseOf(method, context), stream: true, method, message: responses.messages };
}

function requestOf(method: DescMethodUnary | DescMethodStreaming, header: HeadersInit | undefined) {
  return {
    service: method.parent,
    requestMethod: "POST",
    url: `in-process:/${method.parent.typeName}/${method.name}`,
    header: new Headers(header),
    contextValues: createContextValues(),
  };
}

function createContext(
  { surface, shutdownSignal }: InProcessOptions,
  method: DescMethodUnary | DescMethodStreaming,
  req: { readonly header: Headers; readonly signal: AbortSignal },
  timeoutMs: number | undefined,
) {
  return createHandlerContext({
    service: method.parent,
    method,
    protocolName: "in-process",
    requestMethod: "POST",
    url: `in-process:/${method.parent.typeName}/${method.name}`,
    requestHeader: req.header,
    requestSignal: req.signal,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(shutdownSignal ? { shutdownSignal } : {}),
    contextValues: createContextValues().set(surfaceKey, surface),
  });
}

function responseOf(method: DescMethodUnary | DescMethodStreaming, context: HandlerContext) {
  return { service: method.parent, header: context.responseHeader, trailer: context.responseTrailer };
}

function writeMessage<D extends DescMessage>(desc: D, message: MessageShape<D>): Uint8Array {
  try {
    return toBinary(desc, message);
  } catch (error) {
    throw new ConnectError("A message cannot be written.", Code.Internal, undefined, undefined, error);
  }
}

function readMessage<D extends DescMessage>(desc: D, bytes: Uint8Array, maxBytes: number): MessageShape<D> {
  if (bytes.byteLength > maxBytes) {
    throw new ConnectError(`The message has more than ${maxBytes} bytes.`, Code.ResourceExhausted);
  }
  return fromBinary(desc, bytes);
}
