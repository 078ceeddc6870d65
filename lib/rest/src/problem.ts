import { STATUS_CODES } from "node:http";
import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { type FieldPath, ViolationsSchema } from "@lyceum/gen/proto/buf/validate/validate_pb.ts";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";

/** An error as RFC 9457 problem details, with what Connect errors carry beside the text. */
export type Problem = {
  /** Always `about:blank`: `code` and `reason` say what kind of error it is. */
  type: string;
  /** The HTTP status in words. */
  title: string;
  status: number;
  /** A sentence for people. */
  detail: string;
  /** The Connect code, such as `not_found`. */
  code: string;
  /** The stable word of google.rpc.ErrorInfo, such as `EMAIL_TAKEN`; empty if the error has none. */
  reason: string;
  metadata: Record<string, string>;
  violations: Violation[];
  traceId: string;
};

/** One field that is not as it must be. */
export type Violation = {
  /** Its path in JSON names, such as `fileIds[2]`; empty for the whole message. */
  field: string;
  /** The rule it breaks, such as `string.max_len`. */
  rule: string;
  message: string;
};

/** What an answer with a problem consists of. */
export type ProblemAnswer = { status: number; body: Problem; headers: Record<string, string> };

/**
 * The problem that an error stands for. Errors that are not ConnectErrors become `internal` without their text, and so
 * do the texts of `internal` and `unknown` ones: both are for the log.
 */
export function toProblem(error: unknown, traceId: string): ProblemAnswer {
  const failure = toConnectError(error);
  const http = httpOf.get(failure);
  const status = http?.status ?? statusOf(failure.code);
  const info = failure.findDetails(ErrorInfoSchema)[0];
  const retryAfter = retryAfterOf(failure);
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
      ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
      ...http?.headers,
    },
    body: {
      type: "about:blank",
      title: STATUS_CODES[status] ?? (status === 499 ? "Client Closed Request" : "Error"),
      status,
      detail: isHidden(failure.code) ? "Something failed inside." : failure.rawMessage,
      code: codeToString(failure.code),
      reason: info?.reason ?? "",
      metadata: info?.metadata ?? {},
      violations: violationsOf(failure),
      traceId: traceId || (failure.findDetails(RequestInfoSchema)[0]?.requestId ?? ""),
    },
  };
}

/** Gives an error an HTTP status and headers other than those of its code, such as 405 with `Allow`. */
export function withHttp(error: ConnectError, status: number, headers: Record<string, string> = {}): ConnectError {
  httpOf.set(error, { status, headers });
  return error;
}

/** Gives an error the HTTP status and headers of the one it was made from, if that was given any. */
export function withHttpOf(error: ConnectError, origin: ConnectError): ConnectError {
  const http = httpOf.get(origin);
  return http ? withHttp(error, http.status, http.headers) : error;
}

/** The HTTP status of a Connect code, by the table of the Connect protocol. */
export function statusOf(code: Code): number {
  return statuses[code] ?? 500;
}

const httpOf = new WeakMap<ConnectError, { status: number; headers: Record<string, string> }>();

const statuses: Partial<Record<Code, number>> = {
  [Code.Canceled]: 499,
  [Code.InvalidArgument]: 400,
  [Code.DeadlineExceeded]: 504,
  [Code.NotFound]: 404,
  [Code.AlreadyExists]: 409,
  [Code.PermissionDenied]: 403,
  [Code.ResourceExhausted]: 429,
  [Code.FailedPrecondition]: 400,
  [Code.Aborted]: 409,
  [Code.OutOfRange]: 400,
  [Code.Unimplemented]: 501,
  [Code.Unavailable]: 503,
  [Code.Unauthenticated]: 401,
};

function toConnectError(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  const name = error instanceof Error ? error.name : "";
  if (name === "AbortError") return new ConnectError("The call was cancelled.", Code.Canceled);
  if (name === "TimeoutError") return new ConnectError("The call took too long.", Code.DeadlineExceeded);
  return new ConnectError("", Code.Internal);
}

function isHidden(code: Code): boolean {
  return code === Code.Internal || code === Code.Unknown || code === Code.DataLoss;
}

function retryAfterOf(error: ConnectError): string | undefined {
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  if (delay) return String(Math.max(0, Number(delay.seconds) + (delay.nanos > 0 ? 1 : 0)));
  return error.metadata.get("retry-after") ?? undefined;
}

function violationsOf(error: ConnectError): Violation[] {
  const validated = error
    .findDetails(ViolationsSchema)
    .flatMap(({ violations }) => violations)
    .map(({ field, ruleId, message }) => ({ field: toJsonPath(field), rule: ruleId, message }));
  const refused = error
    .findDetails(BadRequestSchema)
    .flatMap(({ fieldViolations }) => fieldViolations)
    .map(({ field, reason, description }) => ({ field, rule: reason, message: description }));
  return [...validated, ...refused];
}

function toJsonPath(path: FieldPath | undefined): string {
  return (path?.elements ?? [])
    .map(({ fieldName, subscript }) => {
      const name = fieldName.startsWith("[") ? fieldName : protoCamelCase(fieldName);
      if (subscript.case === undefined) return name;
      return `${name}[${subscript.case === "stringKey" ? JSON.stringify(subscript.value) : subscript.value}]`;
    })
    .join(".");
}
