import { Code, ConnectError } from "@connectrpc/connect";
import type { SubscribeResponse } from "./contract.ts";
import { createFollower, type SubscribeContext } from "./follow-once.ts";
import { rest } from "./rest.ts";

/** What a subscription is at: `live` once all that was missed has been told, `waiting` before it connects again. */
export type SubscriptionState = "connecting" | "live" | "waiting" | "ended";

export type SubscribeOptions = {
  /** Where to go on from: the cursor of the last response that was handled. Without it: what happens from now on. */
  readonly cursor?: string;
  /**
   * Told in order, each durable change of a room once. After `reset` changes may be missing: read the rooms anew; the
   * subscription itself goes on.
   */
  onResponse(response: SubscribeResponse): void;
  onState?(state: SubscriptionState): void;
  /** It ends for good: with `unauthenticated` once the session has, or with what makes trying again pointless. */
  onEnd?(error: ConnectError): void;
};

/** Listens until it is closed, over however many connections. */
export type Subscription = Disposable & {
  /** The cursor of the last response that was told. */
  readonly cursor: string;
  readonly state: SubscriptionState;
  close(): void;
};

/** Connections are tried again after a random wait, at most this long and doubled each time. */
const waitMs = { first: 250, most: 15_000 };
/** After a connection that lived this long, the waits begin anew. */
const goodAfterMs = 10_000;

/**
 * Follows all rooms of whoever is signed in: by WebSocket, or by a Connect stream where that does not get through. Goes on
 * with the cursor over lost connections and restarts, until it is closed or the session ends.
 */
export function subscribe(ctx: SubscribeContext, options: SubscribeOptions): Subscription {
  const closed = new AbortController();
  const changes = new Map<string, bigint>();
  const sessionId = ctx.session.current()?.sessionId;
  let cursor = options.cursor ?? "";
  let state: SubscriptionState = "connecting";

  const enter = (next: SubscriptionState) => {
    if (closed.signal.aborted && next !== "ended") return;
    if (next !== state) options.onState?.(next);
    state = next;
  };
  const take = (response: SubscribeResponse) => {
    if (response.event.case === "reset") changes.clear();
    if (isNew(changes, response)) tell(options, response);
    cursor = response.cursor || cursor;
    if (response.event.case === "ready") enter("live");
  };
  const end = (error?: ConnectError) => {
    if (closed.signal.aborted) return;
    closed.abort();
    unwatch();
    enter("ended");
    if (error) options.onEnd?.(error);
  };
  const unwatch = ctx.session.subscribe(() => {
    if (ctx.session.current()?.sessionId !== sessionId) end(signedOut());
  });
  const follow = createFollower(ctx);
  const run = async () => {
    for (let failures = 0; !closed.signal.aborted; ) {
      const startMs = performance.now();
      const hopeless = await follow(cursor, take, closed.signal);
      if (hopeless) return end(hopeless);
      failures = performance.now() - startMs > goodAfterMs ? 0 : failures + 1;
      enter("waiting");
      await rest(Math.random() * Math.min(waitMs.most, waitMs.first * 2 ** failures), closed.signal);
      enter("connecting");
    }
  };
  void run();
  return {
    get cursor() {
      return cursor;
    },
    get state() {
      return state;
    },
    close: () => end(),
    [Symbol.dispose]: () => end(),
  };
}

const signedOut = (): ConnectError => new ConnectError("The session has ended. Sign in again.", Code.Unauthenticated);

/** A durable change counts once; after a reconnect it may come again. */
function isNew(changes: Map<string, bigint>, { event }: SubscribeResponse): boolean {
  if (event.case === undefined) return false;
  if (!("change" in event.value)) return true;
  const { roomId, change } = event.value;
  if (change <= (changes.get(roomId) ?? 0n)) return false;
  changes.set(roomId, change);
  return true;
}

/** A listener that fails is reported as any uncaught error is; the next response is none of its business. */
function tell({ onResponse }: SubscribeOptions, response: SubscribeResponse): void {
  try {
    onResponse(response);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
