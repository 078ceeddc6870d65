import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";

/** The error a client would have read from a socket: code, message, details as bytes, headers and trailers, no cause. */
export function toWireError(reason: unknown, context: HandlerContext): ConnectError {
  const error = reason instanceof ConnectError ? reason : new ConnectError("internal error", Code.Internal);
  const metadata = new Headers(context.responseHeader);
  for (const source of [context.responseTrailer, error.metadata]) {
    for (const [name, value] of source) metadata.append(name, value);
  }
  const wireError = new ConnectError(error.rawMessage, error.code, metadata);
  wireError.details = error.details.map((detail) =>
    "desc" in detail
      ? { type: detail.desc.typeName, value: toBinary(detail.desc, create(detail.desc, detail.value)) }
      : { type: detail.type, value: detail.value },
  );
  return wireError;
}
