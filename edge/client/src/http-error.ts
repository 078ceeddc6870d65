import { Code, ConnectError } from "@connectrpc/connect";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { ViolationsSchema } from "@lyceum/gen/proto/buf/validate/validate_pb.ts";
import { ErrorInfoSchema, RequestInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";

/** A refused plain HTTP answer as the error a Connect call would have thrown: problem details (RFC 9457) in, details out. */
export function toConnectError(status: number, body: string): ConnectError {
  const problem = readProblem(body);
  const code = codeFromString(problem.code ?? "") ?? codeOfStatus(status);
  return new ConnectError(problem.detail ?? problem.title ?? `The server answered ${status}.`, code, undefined, [
    {
      desc: ErrorInfoSchema,
      value: { reason: problem.reason ?? "", domain: "lyceum", metadata: problem.metadata ?? {} },
    },
    { desc: RequestInfoSchema, value: { requestId: problem.traceId ?? "" } },
    {
      desc: ViolationsSchema,
      value: {
        violations: (problem.violations ?? []).map(({ field, rule, message }) => ({
          field: { elements: field.split(".").map((fieldName) => ({ fieldName })) },
          ruleId: rule,
          message,
        })),
      },
    },
  ]);
}

type ProblemJson = {
  title?: string;
  detail?: string;
  code?: string;
  reason?: string;
  metadata?: Record<string, string>;
  violations?: { field: string; rule: string; message: string }[];
  traceId?: string;
};

function readProblem(body: string): ProblemJson {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

/** What a proxy in between may answer, with no problem details. */
function codeOfStatus(status: number): Code {
  if (status === 401) return Code.Unauthenticated;
  if (status === 403) return Code.PermissionDenied;
  if (status === 404) return Code.NotFound;
  if (status === 413 || status === 429) return Code.ResourceExhausted;
  return status >= 500 ? Code.Unavailable : Code.Unknown;
}
