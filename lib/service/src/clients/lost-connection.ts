import type { ConnectError } from "@connectrpc/connect";

const lost = /^(ERR_HTTP2_\w+|ERR_STREAM_\w+|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND)$/;
/** ERR_HTTP2_STREAM_CANCEL is Node's for a request that still waited for its connection. */
const neverMade = /^(ECONNREFUSED|EAI_AGAIN|ENOTFOUND|ERR_HTTP2_GOAWAY_SESSION|ERR_HTTP2_STREAM_CANCEL)$/;
const refusedStream = /stream closed with error code (NGHTTP2_)?REFUSED_STREAM/i;

/** True if an error of a call says that the connection failed, and nothing of what the callee found. */
export function isLostConnection(error: ConnectError): boolean {
  return listCauses(error).some(({ code }) => lost.test(code));
}

/** True if the callee has certainly not begun the call: it could not be reached, or refused the stream (RFC 9113 §8.7). */
export function wasNeverBegun(error: ConnectError): boolean {
  return (
    refusedStream.test(error.rawMessage) ||
    listCauses(error).some(({ code, message }) => neverMade.test(code) || refusedStream.test(message))
  );
}

function listCauses(error: ConnectError): { code: string; message: string }[] {
  const causes: { code: string; message: string }[] = [];
  for (let cause: unknown = error.cause; cause instanceof Error && causes.length < 10; cause = cause.cause) {
    causes.push({ code: "code" in cause ? String(cause.code) : "", message: cause.message });
  }
  return causes;
}
