import { Code, ConnectError } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { type FieldPath, ViolationsSchema } from "@lyceum/gen/proto/buf/validate/validate_pb.ts";
import { ErrorInfoSchema, RequestInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";

/** What went wrong, in a form to show and to decide by. */
export type Problem = {
  /** Connect's word for it, such as `not_found`. */
  readonly code: string;
  /** The stable word of the service, such as `EMAIL_TAKEN`; `UNREACHABLE` where no answer came; else empty. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The fields at fault. */
  readonly violations: readonly Violation[];
  /** Finds the call in logs and traces; empty if no service answered. */
  readonly traceId: string;
};

export type Violation = {
  /** The field as messages name it, such as `displayName` or `fileIds[2]`. */
  readonly field: string;
  /** The rule it breaks, such as `string.min_len`. */
  readonly rule: string;
  readonly message: string;
};

/** Reads anything a call of the client may throw. */
export function problemOf(thrown: unknown): Problem {
  const error = ConnectError.from(thrown);
  const info = error.findDetails(ErrorInfoSchema)[0];
  const unreachable = isLost(error);
  return {
    code: unreachable ? "unavailable" : codeToString(error.code),
    reason: unreachable ? "UNREACHABLE" : (info?.reason ?? ""),
    message: unreachable ? "Lyceum cannot be reached. Check the connection and try again." : toMessage(error),
    metadata: info?.metadata ?? {},
    violations: error
      .findDetails(ViolationsSchema)
      .flatMap(({ violations }) =>
        violations.map(({ field, ruleId, message }) => ({ field: toPath(field), rule: ruleId, message })),
      ),
    traceId: error.findDetails(RequestInfoSchema)[0]?.requestId ?? "",
  };
}

/** Whether the answer was lost on its way, whole or in part, rather than given. */
export function isLost(error: ConnectError): boolean {
  if (error.details.length > 0) return false;
  // fetch rejects with a TypeError when no answer comes (Fetch §5.6); Connect has no code for one that is cut.
  const isNetworkFailure =
    error.cause instanceof TypeError && (error.code === Code.Unknown || error.code === Code.Internal);
  return (
    isNetworkFailure ||
    /^missing EndStreamResponse$|^protocol error: (incomplete envelope|promised)/.test(error.rawMessage)
  );
}

function toMessage({ code, rawMessage }: ConnectError): string {
  if (code === Code.DeadlineExceeded) return "The answer took too long. Try again.";
  // What an internal error says is for logs.
  if (code === Code.Internal) return "Something went wrong at our end. Try again.";
  return rawMessage || "Something went wrong.";
}

function toPath(path: FieldPath | undefined): string {
  return (path?.elements ?? [])
    .map(({ fieldName, subscript }) => toCamelCase(fieldName) + (subscript.case ? `[${subscript.value}]` : ""))
    .join(".");
}

function toCamelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
