import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { violationsToProto } from "@bufbuild/protovalidate";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Logger } from "pino";
import type { Authenticator } from "../auth/authenticator.ts";
import { type Revocations, sessionRevokedError } from "../auth/revocations.ts";
import { signInRequired } from "../caller.ts";
import type { Caller, Person } from "../define-service.ts";
import { requireAccess } from "../interceptors/check-access.ts";
import { validator } from "../interceptors/index.ts";
import { logCall } from "../interceptors/log-calls.ts";
import { toPublicError } from "../interceptors/map-errors.ts";
import { continueTrace, withTrace } from "../trace.ts";
import type { Feed, FeedCall, FeedReader, OpenFeed } from "./feed.ts";

/** What feeds are served with: they do for themselves what interceptors do for calls. */
export type FeedOptions = {
  readonly feeds: readonly Feed[];
  readonly authenticator: Authenticator;
  readonly revocations: Revocations;
  readonly log: Logger;
  /** Ends feeds when the process stops. */
  readonly shutdownSignal: AbortSignal;
};

type End = (reason: unknown) => void;
type Serving = FeedOptions & { readonly running: Set<End> };

/** Opens the feeds of services hosted here. */
export function createFeeds(options: FeedOptions): OpenFeed {
  const { feeds, shutdownSignal } = options;
  const serving: Serving = { ...options, running: new Set() };
  shutdownSignal.addEventListener("abort", () => {
    for (const end of serving.running) end(shutdownSignal.reason);
  });
  return async (rpc, call, reader) => {
    const feed = feeds.find((candidate) => candidate.rpc === rpc);
    if (!feed) throw new ConnectError(`${rpc.parent.typeName}.${rpc.name} has no feed here.`, Code.Unimplemented);
    return openFeed(feed, call, reader, serving);
  };
}

async function openFeed(feed: Feed, call: FeedCall, reader: FeedReader, serving: Serving): Promise<Disposable> {
  const trace = continueTrace(call.traceparent);
  const startMs = performance.now();
  let caller: Caller = { kind: "anonymous" };
  let opened: Disposable | undefined;
  let unwatch = () => {};
  let isOver = false;
  const close = (error?: unknown) => {
    if (isOver) return;
    isOver = true;
    serving.running.delete(end);
    unwatch();
    opened?.[Symbol.dispose]();
    const method = `${feed.rpc.parent.typeName}/${feed.rpc.name}`;
    logCall(serving.log, { method, error, durationMs: performance.now() - startMs, caller, traceId: trace.traceId });
  };
  const end: End = (reason) => {
    if (isOver) return;
    const error = toPublicError(reason, trace.traceId);
    close(error);
    reader.end(error);
  };
  try {
    const person = await identify(feed, call.token, serving);
    caller = { kind: "person", ...person };
    const input = readInput(feed.rpc.input, call.input);
    unwatch = serving.revocations.watch(person.sessionId, end);
    serving.running.add(end);
    // Either may have come between the check of the token and the watch.
    if (serving.revocations.has(person.sessionId)) throw sessionRevokedError();
    serving.shutdownSignal.throwIfAborted();
    const guarded: FeedReader = {
      write: (frame) => !isOver && reader.write(frame),
      drained: () => reader.drained(),
      end,
    };
    opened = await withTrace(trace, () => feed.open(person.userId, input, guarded));
  } catch (reason) {
    const error = toPublicError(reason, trace.traceId);
    close(error);
    throw error;
  }
  if (isOver) opened[Symbol.dispose]();
  return { [Symbol.dispose]: () => close() };
}

async function identify(feed: Feed, token: string | undefined, { authenticator }: FeedOptions): Promise<Person> {
  const caller: Caller = token ? await authenticator.authenticate(token, undefined) : { kind: "anonymous" };
  requireAccess(feed.rpc, caller);
  if (caller.kind !== "person") throw signInRequired();
  const { userId, sessionId, roles } = caller;
  return { userId, sessionId, roles };
}

function readInput(schema: DescMessage, init: object): Message {
  const input = create(schema, init as never);
  const { kind, error, violations } = validator.validate(schema, input);
  if (kind === "valid") return input;
  const [value, desc] = violationsToProto(violations ?? []);
  throw new ConnectError(error.message, Code.InvalidArgument, undefined, [{ desc, value }], error);
}
