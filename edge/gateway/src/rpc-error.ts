import type { IncomingMessage, ServerResponse } from "node:http";
import type { ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { endStreamFlag, endStreamToJson, errorToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { statusOf } from "@lyceum/rest";

/** True for a path of the form `/<package>.<Service>/<Method>`, as Connect, gRPC and gRPC-Web use it. */
export function isRpcPath(path: string): boolean {
  return /^\/(?:[a-z]\w*\.)+\w+\/\w+$/i.test(path);
}

/** Answers an RPC with an error in the protocol the request speaks: Connect unary or streaming, gRPC, or gRPC-Web. */
export function answerRpcError(req: IncomingMessage, res: ServerResponse, error: ConnectError): void {
  const type = req.headers["content-type"] ?? "";
  if (type.startsWith("application/grpc")) {
    // Status in the headers of an answer without a body: "Trailers-Only" in the gRPC protocol.
    for (const [name, value] of setTrailerStatus(new Headers(), error)) res.setHeader(name, value);
    res.setHeader("content-type", type);
    res.statusCode = 200;
    res.end();
  } else if (type.startsWith("application/connect+")) {
    const end = JSON.stringify(endStreamToJson(new Headers(), error, undefined));
    res.writeHead(200, { "content-type": type });
    res.end(encodeEnvelope(endStreamFlag, Buffer.from(end)));
  } else {
    error.metadata.forEach((value, name) => void res.setHeader(name, value));
    res.writeHead(statusOf(error.code), { "content-type": "application/json" });
    res.end(JSON.stringify(errorToJson(error, undefined)));
  }
}
