import { Code, type ConnectError } from "@connectrpc/connect";
import { withHttp } from "@lyceum/rest";
import { fail } from "@lyceum/service";

/** An error of ours for one of @tus/server's, which are an HTTP status and a line of text. */
export function toTusError(error: unknown): unknown {
  const { status_code: status, body } = error as { status_code?: unknown; body?: unknown };
  return typeof status === "number" ? tusError(status, String(body)) : error;
}

/** The error that a refusal of @tus/server stands for. */
export function tusError(status: number, text: string): ConnectError {
  const [code, reason] = kinds[status] ?? [Code.Internal, ""];
  return withHttp(fail(code, reason, text.trim()), status, { "tus-version": "1.0.0" });
}

const kinds: Partial<Record<number, [Code, string]>> = {
  400: [Code.InvalidArgument, "MALFORMED_UPLOAD"],
  403: [Code.InvalidArgument, "MALFORMED_UPLOAD"],
  404: [Code.NotFound, "UPLOAD_NOT_FOUND"],
  409: [Code.Aborted, "UPLOAD_MOVED"],
  410: [Code.NotFound, "UPLOAD_NOT_FOUND"],
  412: [Code.FailedPrecondition, "TUS_VERSION_UNKNOWN"],
  413: [Code.ResourceExhausted, "FILE_TOO_LARGE"],
  415: [Code.InvalidArgument, "MALFORMED_UPLOAD"],
  501: [Code.Unimplemented, "EXTENSION_UNKNOWN"],
};
