import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { ChatService, SubscribeResponse } from "./contract.ts";
import { isLost } from "./problem.ts";
import { readSocket } from "./read-socket.ts";
import type { LyceumSession, Proof } from "./session.ts";

/** What subscribing needs. */
export type SubscribeContext = {
  readonly baseUrl: string;
  readonly session: LyceumSession;
  readonly chat: Client<typeof ChatService>;
};

/**
 * One connection: tells what it brings until it ends. Answers the error that no other connection would mend, or undefined
 * where another try is worthwhile.
 */
export type Follow = (
  cursor: string,
  take: (response: SubscribeResponse) => void,
  signal: AbortSignal,
) => Promise<ConnectError | undefined>;

/** A connection on which not even a heartbeat or a pong arrives for this long is dead. */
const silenceMs = 60_000;

/** Connects by WebSocket first. A connection that brings nothing makes the next one take the other way. */
export function createFollower({ baseUrl, session, chat }: SubscribeContext): Follow {
  let bySocket = typeof WebSocket !== "undefined";
  return async (cursor, take, signal) => {
    let proof: Proof | undefined;
    let isSilent = true;
    try {
      proof = await session.proof();
      if (!proof) return new ConnectError("Sign in first.", Code.Unauthenticated);
      using life = watchSilence(signal);
      const responses = bySocket
        ? readSocket(baseUrl, { token: proof.token, cursor, signal: life.signal, onControl: life.beat })
        : chat.subscribe({ cursor }, { signal: life.signal });
      for await (const response of responses) {
        if (signal.aborted) return undefined;
        life.beat();
        isSilent = false;
        take(response);
      }
    } catch (thrown) {
      const error = ConnectError.from(thrown);
      if (signal.aborted) return undefined;
      if (error.code === Code.Unauthenticated && proof) return (await isOver(session, proof)) ? error : undefined;
      if (isHopeless(error, bySocket)) return error;
    }
    if (isSilent && typeof WebSocket !== "undefined") bySocket = !bySocket;
    return undefined;
  };
}

/** Whether neither another try nor the other way would mend it. */
function isHopeless(error: ConnectError, bySocket: boolean): boolean {
  if (isLost(error)) return false;
  const { code } = error;
  // What has no sockets may have streams.
  if (code === Code.NotFound || code === Code.Unimplemented) return !bySocket;
  return code === Code.InvalidArgument || code === Code.PermissionDenied;
}

/** Whether the session has ended, and not only what proved it; unknown counts as no. */
async function isOver(session: LyceumSession, refused: Proof): Promise<boolean> {
  try {
    return (await session.renew(refused)) === undefined;
  } catch {
    return false;
  }
}

/** A signal that also fires after a silence, which `beat` ends, and when the connection is left. */
function watchSilence(outer: AbortSignal) {
  const silence = new AbortController();
  const fire = () => silence.abort(new ConnectError("The connection fell silent.", Code.Unavailable));
  let timer = setTimeout(fire, silenceMs);
  return {
    signal: AbortSignal.any([outer, silence.signal]),
    beat() {
      clearTimeout(timer);
      timer = setTimeout(fire, silenceMs);
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      // Leaving its loop does not end a stream of Connect's.
      silence.abort();
    },
  };
}
