import { Code, ConnectError } from "@connectrpc/connect";
import { type FieldPathElement, ViolationsSchema } from "@lyceum/gen/proto/buf/validate/validate_pb.ts";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";

/** An error that callers can tell by `reason`, a stable word in capitals; `message` is a sentence for people. */
export function fail(code: Code, reason: string, message: string, metadata: Record<string, string> = {}): ConnectError {
  return new ConnectError(message, code, undefined, [
    { desc: ErrorInfoSchema, value: { reason, domain: "lyceum", metadata } },
  ]);
}

/** `invalid_argument` for a rule that the schema cannot state. `field` is a proto path, such as `page_token`. */
export function invalidField(field: string, message: string): ConnectError {
  const elements = field.split(".").map((fieldName): Partial<FieldPathElement> => ({ fieldName }));
  return new ConnectError(`${field}: ${message}`, Code.InvalidArgument, undefined, [
    {
      desc: ViolationsSchema,
      value: { violations: [{ field: { elements: elements as FieldPathElement[] }, ruleId: "value", message }] },
    },
  ]);
}

/** Why a process cannot start, as one sentence for whoever started it. */
export class StartError extends Error {
  override readonly name = "StartError";
}
