import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { type HttpCall, type HttpRoute, signInRequired } from "@lyceum/service";
import type { ByteRange } from "../blobs/index.ts";
import { readFile } from "../content.ts";
import { readContentToken } from "../content-token.ts";
import type { Context } from "../context.ts";
import { linkNotValid, preconditionFailed, rangeOutsideContent } from "../errors.ts";
import { findLinkedFile } from "../grant-store.ts";
import { fileMissing, readerOf } from "../reader.ts";
import { type FileRow, findReadableFile } from "../store.ts";
import { rangeApplies, readConditions } from "./conditions.ts";
import { contentHeaders } from "./content-headers.ts";
import { readRange } from "./range.ts";

/** `GET /v1/files/{file_id}/content`: the bytes of a file, or one range of them; conditional (RFC 9110). */
export const downloadFile = (ctx: Context): HttpRoute => ({
  method: "GET",
  path: "/v1/files/{file_id}/content",
  access: "signed",
  operation: downloadOperation,
  handle: (call) => download(ctx, call),
});

/** `HEAD /v1/files/{file_id}/content`: the headers of the whole content. */
export const headFile = (ctx: Context): HttpRoute => ({
  method: "HEAD",
  path: "/v1/files/{file_id}/content",
  access: "signed",
  operation: headOperation,
  handle: (call) => download(ctx, call),
});

async function download(ctx: Context, call: HttpCall): Promise<void> {
  const { req, res, signal } = call;
  const file = await findContent(ctx, call);
  const validators = { etag: `"${file.sha256}"`, lastModified: wholeSeconds(file.createTime) };
  const headers = {
    ...contentHeaders(file),
    etag: validators.etag,
    "last-modified": validators.lastModified.toUTCString(),
    "accept-ranges": "bytes",
  };
  const outcome = readConditions(req.headers, validators);
  if (outcome === "failed") throw preconditionFailed();
  if (outcome === "not-modified") return answerEmpty(res, 304, headers);
  if (req.method === "HEAD") return answerEmpty(res, 200, { ...headers, "content-length": file.sizeBytes });

  const wanted = rangeApplies(req.headers["if-range"]?.toString(), validators) ? req.headers.range : undefined;
  const range = readRange(wanted, file.sizeBytes);
  if (range === "unsatisfiable") throw rangeOutsideContent(file.sizeBytes);
  await sendContent(ctx, { res, file, range: range === "whole" ? undefined : range, headers, signal });
}

/** The file, for whoever may read it by the token of the URL, or else as who they are. */
async function findContent(ctx: Context, { params, query, caller }: HttpCall): Promise<FileRow> {
  const fileId = params.file_id ?? "";
  const token = query.get("token");
  if (token !== null) return findByToken(ctx, fileId, token);
  if (caller.kind !== "person") throw signInRequired();
  const reader = readerOf(ctx, caller.userId);
  const file = await findReadableFile(ctx.database.db, fileId, reader);
  if (!file) throw fileMissing(reader);
  return file;
}

async function findByToken(ctx: Context, fileId: string, token: string): Promise<FileRow> {
  const now = new Date();
  const read = readContentToken(ctx.signer, fileId, token, now);
  if (!read) throw linkNotValid();
  if (read.kind === "download") {
    const reader = readerOf(ctx, read.userId);
    const file = await findReadableFile(ctx.database.db, fileId, reader);
    if (!file) throw fileMissing(reader);
    return file;
  }
  const file = await findLinkedFile(ctx.database.db, read.grantId, now);
  if (file?.id !== fileId) throw linkNotValid();
  return file;
}

type Sending = {
  readonly res: ServerResponse;
  readonly file: FileRow;
  readonly range: ByteRange | undefined;
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
};

async function sendContent(ctx: Context, { res, file, range, headers, signal }: Sending): Promise<void> {
  const start = () => {
    if (res.headersSent) return;
    if (!range) return res.writeHead(200, { ...headers, "content-length": file.sizeBytes });
    const contentRange = `bytes ${range.start}-${range.end}/${file.sizeBytes}`;
    const length = range.end - range.start + 1;
    res.writeHead(206, { ...headers, "content-length": length, "content-range": contentRange });
  };
  for await (const piece of readFile(ctx.blobs, file, range, signal)) {
    // Headers wait for the first piece, so that lost content is an answer of its own.
    start();
    if (!res.write(piece)) await once(res, "drain", { signal });
  }
  start();
  res.end();
}

function answerEmpty(res: ServerResponse, status: number, headers: Record<string, string | number>): void {
  res.writeHead(status, headers).end();
}

const wholeSeconds = (time: Date) => new Date(Math.floor(time.getTime() / 1000) * 1000);

const responses = {
  "304": { description: "Not modified." },
  "412": { description: "A precondition failed." },
};

const token = {
  name: "token",
  in: "query",
  description: "What CreateDownloadUrl and links carry; whoever comes with it needs no access token.",
  schema: { type: "string" },
};

const downloadOperation = {
  operationId: "FileService_DownloadFile",
  tags: ["FileService"],
  summary: "The content of a file",
  description:
    "As an attachment that no browser runs. One range is served; several are answered with the whole. The ETag is the " +
    "content's SHA-256.",
  parameters: [
    { name: "Range", in: "header", description: "Such as `bytes=0-1023`.", schema: { type: "string" } },
    token,
  ],
  responses: {
    "200": { description: "The content.", content: { "*/*": { schema: { type: "string", format: "binary" } } } },
    "206": { description: "The range.", content: { "*/*": { schema: { type: "string", format: "binary" } } } },
    ...responses,
    "416": { description: "The range lies outside the content." },
  },
};

const headOperation = {
  operationId: "FileService_HeadFile",
  tags: ["FileService"],
  summary: "The headers of a file's content",
  parameters: [token],
  responses: { "200": { description: "The headers." }, ...responses },
};
