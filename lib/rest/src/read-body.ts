import type { IncomingMessage } from "node:http";
import type { JsonValue } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { withHttp } from "./problem.ts";
import { invalidFields } from "./violations.ts";

/**
 * Reads a JSON body; undefined if there is none. Throws 415 for another content type or a content encoding, 413 beyond
 * `maxBytes`, 408 for one that is not there within `timeoutMs`, and `invalid_argument` for what is not JSON in UTF-8.
 */
export async function readJsonBody(
  req: IncomingMessage,
  maxBytes: number,
  timeoutMs: number,
): Promise<JsonValue | undefined> {
  const refusal = refuseHeaders(req, maxBytes);
  const bytes = await within(timeoutMs, readBytes(req, refusal ? 0 : maxBytes));
  if (bytes?.length === 0) return undefined;
  if (bytes && !refusal) return parseJson(bytes);
  await drain(req);
  throw refusal ?? bodyTooLarge(maxBytes);
}

const jsonType = /^\s*application\/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

/** How much of a refused body is read. */
const drainedBytes = 16 * 1024 * 1024;
const drainedMs = 2_000;

function refuseHeaders({ headers }: IncomingMessage, maxBytes: number): ConnectError | undefined {
  const type = headers["content-type"];
  if (type !== undefined && !jsonType.test(type)) {
    return unsupportedMediaType("The body must be application/json in UTF-8.", { accept: "application/json" });
  }
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    return unsupportedMediaType("The body must not be compressed.", { "accept-encoding": "identity" });
  }
  return Number(headers["content-length"] ?? 0) > maxBytes ? bodyTooLarge(maxBytes) : undefined;
}

/** Throws 408 if the bytes don't come in time; whoever sends them one by one would hold the request for ever. */
async function within<T>(timeoutMs: number, reading: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(bodyTooSlow()), timeoutMs);
  try {
    return await Promise.race([reading, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The bytes of the body; undefined if there are too many. */
async function readBytes(req: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

/** Reads on for a while, so that the client gets to read the answer. */
async function drain(req: IncomingMessage): Promise<void> {
  let size = 0;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, drainedMs).unref();
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > drainedBytes) resolve();
    });
    req.once("end", resolve).once("close", resolve);
  });
}

function parseJson(bytes: Buffer): JsonValue {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const what = cause instanceof SyntaxError ? "JSON" : "UTF-8";
    const error = invalidFields([{ field: "", rule: "json", message: `The body is not valid ${what}.` }]);
    error.cause = cause;
    throw error;
  }
}

function unsupportedMediaType(message: string, headers: Record<string, string>): ConnectError {
  return withHttp(new ConnectError(message, Code.InvalidArgument), 415, headers);
}

function bodyTooSlow(): ConnectError {
  return withHttp(new ConnectError("The body took too long to arrive.", Code.DeadlineExceeded), 408);
}

function bodyTooLarge(maxBytes: number): ConnectError {
  return withHttp(new ConnectError(`The body is limited to ${maxBytes} bytes.`, Code.ResourceExhausted), 413);
}
