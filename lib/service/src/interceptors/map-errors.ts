import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { isDatabaseUnavailable, sqlStateOf } from "@lyceum/database";
import { RequestInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { withHttpOf } from "@lyceum/rest";
import { traceKey } from "../caller.ts";
import { tapStream } from "./tap-stream.ts";

/** Makes every failure an error of the contract, carrying the trace id; what is inside a bug stays for the log. */
export function mapErrors(): Interceptor {
  return (next) => async (req) => {
    const map = (error: unknown) => toPublicError(error, req.contextValues.get(traceKey)?.traceId ?? "", req.signal);
    try {
      const res = await next(req);
      return res.stream ? { ...res, message: tapStream(res.message, { mapError: map }) } : res;
    } catch (error) {
      throw map(error);
    }
  };
}

/** The error a caller sees for `reason`. Its cause is for the log only: no protocol sends it. */
export function toPublicError(reason: unknown, traceId: string, signal?: AbortSignal): ConnectError {
  const known = toConnectError(reason, signal);
  const code = isMalformed(known) ? Code.InvalidArgument : known.code;
  const hidden = code === Code.Internal || code === Code.Unknown;
  const error = new ConnectError(hidden ? "Something failed inside." : known.rawMessage, code, known.metadata);
  error.cause = known.cause ?? reason;
  error.details = known.details.some((detail) => typeNameOf(detail) === RequestInfoSchema.typeName)
    ? known.details
    : [...known.details, { desc: RequestInfoSchema, value: { requestId: traceId } }];
  return withHttpOf(error, known);
}

/** True if an error says that something Lyceum relies on cannot be reached now: trying later may help. */
export function isMissingBackend(error: unknown): boolean {
  if (isDatabaseUnavailable(error)) return true;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ConnectError && cause.code === Code.Unavailable) return true;
  }
  return false;
}

/** Mends the codes that connect gives to bytes which are no message: they are the caller's fault, not a bug. */
export function isMalformed({ code, rawMessage }: ConnectError): boolean {
  return code === Code.Internal && malformed.test(rawMessage);
}

const malformed = /^parse binary: |^decompression failed$|^received compressed envelope/;

function toConnectError(reason: unknown, signal: AbortSignal | undefined): ConnectError {
  if (reason instanceof ConnectError) return reason;
  if (signal?.aborted && isAbort(reason)) {
    return signal.reason instanceof ConnectError
      ? signal.reason
      : new ConnectError("The call was cancelled.", Code.Canceled, undefined, undefined, reason);
  }
  const name = reason instanceof Error ? reason.name : "";
  const isLate = name === "TimeoutError" || sqlStateOf(reason) === statementCancelled;
  if (isLate) return withCause("A step of this call took too long.", Code.DeadlineExceeded, reason);
  if (isMissingBackend(reason)) return withCause("A part of Lyceum cannot be reached now.", Code.Unavailable, reason);
  return withCause("", Code.Internal, reason);
}

/** By Postgres itself, when a statement takes longer than its timeout. */
const statementCancelled = "57014";

function isAbort(reason: unknown): boolean {
  return reason instanceof Error && (reason.name === "AbortError" || ("code" in reason && reason.code === "ABORT_ERR"));
}

function withCause(message: string, code: Code, cause: unknown): ConnectError {
  return new ConnectError(message, code, undefined, undefined, cause);
}

function typeNameOf(detail: ConnectError["details"][number]): string {
  return "desc" in detail ? detail.desc.typeName : detail.type;
}
