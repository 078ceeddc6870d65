import { Code, createContextKey, type Interceptor, type StreamRequest } from "@connectrpc/connect";
import { accessRuleOf } from "../access-rule.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { type Revocations, sessionRevokedError } from "../auth/revocations.ts";
import { callerKey, tokenKey } from "../caller.ts";
import type { Caller, ServiceName } from "../define-service.ts";
import { fail } from "../errors.ts";
import { serviceNameOf } from "../service-name.ts";
import { tapStream } from "./tap-stream.ts";

/** `public` for calls that came through the gateway's front: they never act as a service. */
export const surfaceKey = createContextKey<"public" | "internal">("internal", { description: "surface" });

/** Tells who calls by the bearer token, and cuts the streams of a session when it ends. */
export function authenticate(authenticator: Authenticator, revocations: Revocations): Interceptor {
  return (next) => async (req) => {
    const header = req.header.get("authorization");
    if (header === null) return next(req);
    const callee = req.contextValues.get(surfaceKey) === "public" ? undefined : serviceNameOf(req.service);
    const token = readBearer(header) ?? "";
    let caller: Caller;
    try {
      caller = await authenticator.authenticate(token, callee);
    } catch (error) {
      // Whoever holds a dead token must still be able to sign in again.
      if (accessRuleOf(req.method)?.public) return next(req);
      throw error;
    }
    req.contextValues.set(callerKey, caller).set(tokenKey, token);
    if (!req.stream || caller.kind !== "person") return next(req);
    return streamWhileSignedIn(next, req, caller.sessionId, revocations);
  };
}

/** Who holds the token of an `authorization` header; anonymous without one. */
export async function callerOfHeader(
  authenticator: Authenticator,
  header: string | undefined,
  callee: ServiceName | undefined,
): Promise<{ caller: Caller; token: string | undefined }> {
  if (header === undefined) return { caller: { kind: "anonymous" }, token: undefined };
  const token = readBearer(header);
  if (!token) throw fail(Code.Unauthenticated, "TOKEN_INVALID", "The authorization header holds no bearer token.");
  return { caller: await authenticator.authenticate(token, callee), token };
}

function readBearer(header: string): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header)?.[1];
}

async function streamWhileSignedIn(
  next: Parameters<Interceptor>[0],
  req: StreamRequest,
  sessionId: string,
  revocations: Revocations,
) {
  const session = new AbortController();
  const unwatch = revocations.watch(sessionId, (error) => session.abort(error));
  // Revoked between the check of the token and the watch.
  if (revocations.has(sessionId)) session.abort(sessionRevokedError());
  try {
    const res = await next({ ...req, signal: AbortSignal.any([req.signal, session.signal]) });
    if (!res.stream) throw new Error("A stream request got no stream.");
    return { ...res, message: tapStream(res.message, { onEnd: unwatch }) };
  } catch (error) {
    unwatch();
    throw session.signal.aborted ? session.signal.reason : error;
  }
}
