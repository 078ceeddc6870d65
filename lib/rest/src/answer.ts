import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { constants, type ServerHttp2Stream } from "node:http2";
import { toProblem } from "./problem.ts";

/** Answers with the problem that an error stands for; if an answer has begun already, breaks it off. */
export function answerProblem(res: ServerResponse, error: unknown, traceId: string): void {
  if (res.headersSent) {
    breakOff(res);
    return;
  }
  const { status, headers, body } = toProblem(error, traceId);
  for (const name of res.getHeaderNames()) if (describesContent(name)) res.removeHeader(name);
  answer(res, status, headers, JSON.stringify(body));
}

/** True for what a handler has said of the content it did not come to send. */
function describesContent(name: string): boolean {
  return name.startsWith("content-") && !name.startsWith("content-security-policy");
}

/** Ends an answer so that nobody takes it for a whole one. */
export function breakOff(res: ServerResponse): void {
  const { stream } = res as { stream?: ServerHttp2Stream };
  // On HTTP/2 a response that is only destroyed looks like one that ended.
  if (stream) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else res.destroy();
}

/** Sends a whole answer; without its body for HEAD. */
export function answer(res: ServerResponse, status: number, headers: OutgoingHttpHeaders, body: string): void {
  const bytes = Buffer.from(body);
  // A connection with a half-read request can't carry another one.
  if (!res.req.complete && res.req.httpVersionMajor < 2) res.setHeader("connection", "close");
  res.writeHead(status, { ...headers, "content-length": bytes.length, "x-content-type-options": "nosniff" });
  if (res.req.method === "HEAD") res.end();
  else res.end(bytes);
}
