import type { IncomingMessage } from "node:http";
import { invalidField } from "@lyceum/service";
import { checkName } from "../check-name.ts";
import { fileTooLarge, malformedUpload } from "../errors.ts";
import type { Upload } from "../store-upload.ts";
import { untilStalled } from "../until-stalled.ts";
import { freePieces } from "./free-pieces.ts";
import { announcedBytes, readBody } from "./read-body.ts";
import { readForm } from "./read-form.ts";

/** What a form may weigh beyond its file. */
const maxFormOverheadBytes = 1024 * 1024;

/**
 * Reads `POST /v1/files`: the body is the file, or a multipart form whose field `file` is. The name is `?name=`, else the
 * form's; a path is cut to its last part. `bytes` throws if the body breaks off, pauses for longer than `idleMs`, or the form
 * turns out malformed.
 */
export async function readUpload(
  req: IncomingMessage,
  query: URLSearchParams,
  { limitBytes, idleMs, signal }: { limitBytes: number; idleMs: number; signal: AbortSignal },
): Promise<Upload> {
  checkQuery(query);
  const isForm = /^multipart\/form-data\b/i.test(req.headers["content-type"] ?? "");
  const maxBodyBytes = limitBytes + (isForm ? maxFormOverheadBytes : 0);
  checkHeaders(req, { limitBytes, maxBodyBytes });
  const folderId = query.get("folderId") ?? "";
  const sentName = query.get("name") ?? undefined;
  const body = untilStalled(readBody(req, signal), idleMs);
  if (!isForm)
    return { name: requireName(sentName), folderId, sizeBytes: announcedBytes(req), bytes: freePieces(body) };
  const name = sentName === undefined ? undefined : checkName(sentName);
  const form = await readForm(req.headers, limitBody(body, { limitBytes, maxBodyBytes }));
  try {
    return { name: name ?? requireName(form.fileName), folderId, bytes: form.bytes };
  } catch (error) {
    form.stop();
    throw error;
  }
}

function checkQuery(query: URLSearchParams): void {
  for (const key of query.keys()) {
    if (key !== "name" && key !== "folderId") throw invalidField(key, "is no parameter of an upload");
  }
}

function checkHeaders(req: IncomingMessage, limits: { limitBytes: number; maxBodyBytes: number }): void {
  const encoding = req.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") throw malformedUpload("Uploads are taken as they are, without a content encoding.");
  if ((announcedBytes(req) ?? 0) > limits.maxBodyBytes) throw fileTooLarge(limits.limitBytes);
}

function requireName(sent: string | undefined): string {
  if (sent === undefined) throw invalidField("name", "is missing: name the file with ?name=");
  return checkName(sent);
}

async function* limitBody(
  body: AsyncIterable<Uint8Array>,
  { limitBytes, maxBodyBytes }: { limitBytes: number; maxBodyBytes: number },
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const piece of body) {
    sizeBytes += piece.length;
    if (sizeBytes > maxBodyBytes) throw fileTooLarge(limitBytes);
    yield piece;
  }
}
