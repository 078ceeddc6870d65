import type { ServerResponse } from "node:http";
import { toProblem } from "./problem.ts";

/** Answers with the problem that an error stands for; if an answer has begun already, breaks it off. */
export function answerProblem(res: ServerResponse, error: unknown, traceId: string): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { status, headers, body } = toProblem(error, traceId);
  for (const name of res.getHeaderNames()) if (name.startsWith("content-")) res.removeHeader(name);
  answer(res, status, headers, JSON.stringify(body));
}

/** Sends a whole answer; without its body for HEAD. */
export function answer(res: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
  const bytes = Buffer.from(body);
  // A connection with a half-read request can't carry another one.
  if (!res.req.complete && res.req.httpVersionMajor < 2) res.setHeader("connection", "close");
  res.writeHead(status, { ...headers, "content-length": bytes.length, "x-content-type-options": "nosniff" });
  if (res.req.method === "HEAD") res.end();
  else res.end(bytes);
}
