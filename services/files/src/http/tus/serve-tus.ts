import type { IncomingMessage, ServerResponse } from "node:http";
import { type HttpCall, newId } from "@lyceum/service";
import { type Locker, Server } from "@tus/server";
import { untilAborted } from "../../blobs/until-aborted.ts";
import type { Context } from "../../context.ts";
import { uploadMoved, uploadNotFound } from "../../errors.ts";
import { maxFileBytes } from "../../file.ts";
import { checksumAlgorithms, readChecksum } from "../../resumable/checksum.ts";
import type { Meters } from "../../resumable/meters.ts";
import type { UploadLocks, Writer } from "../../resumable/upload-locks.ts";
import { untilStalled } from "../../until-stalled.ts";
import { findUpload } from "../../upload-store.ts";
import { callingUser } from "../calling-user.ts";
import { freePieces } from "../free-pieces.ts";
import { readBody } from "../read-body.ts";
import { toTusError, tusError } from "./tus-error.ts";
import { TusStore } from "./tus-store.ts";

/** What requests of uploads are served with. */
export type TusParts = {
  readonly ctx: Context;
  readonly idleMs: number;
  readonly meters: Meters;
  readonly locks: UploadLocks;
};

/** Answers one request of tus 1.0: @tus/server knows the protocol, the rest is ours. */
export async function serveTus(parts: TusParts, call: HttpCall): Promise<void> {
  const { req, res, params } = call;
  res.setHeader("tus-resumable", "1.0.0");
  checkProtocol(req);
  const delivery = openDelivery(call, parts.idleMs);
  // Nobody in particular may ask for the capabilities, and nothing else.
  const ownerId = req.method === "OPTIONS" ? "" : callingUser(call.caller);
  const store = new TusStore(parts.ctx, parts.meters, { ownerId, delivery });
  const server = new Server({
    path: "/v1/uploads",
    datastore: store,
    maxSize: maxFileBytes,
    relativeLocation: true,
    disableTerminationForFinishedUploads: true,
    namingFunction: newId,
    getFileIdFromRequest: () => params.upload_id,
    onIncomingRequest: (_req, uploadId) => requireUpload(parts.ctx, req, ownerId, uploadId),
    locker: toLocker(parts.locks, req, delivery.writer),
    onResponseError(_req, error) {
      throw toTusError(error);
    },
  });
  const answer = await server.handleWeb(toRequest(req));
  if (answer.status >= 400) throw tusError(answer.status, await answer.text());
  send(res, answer, store.fileId);
}

/** What @tus/server answers with 400, and tus with a status of its own. */
function checkProtocol({ method, headers }: IncomingMessage): void {
  const version = headers["tus-resumable"];
  if (method !== "OPTIONS" && version !== "1.0.0") throw tusError(412, "Tus-Resumable must be 1.0.0.");
  if (method === "PATCH" && headers["content-type"] !== "application/offset+octet-stream") {
    throw tusError(415, "The body's content type must be application/offset+octet-stream.");
  }
}

/** Whoever does not own an upload must not learn of it, nor disturb who writes it. */
async function requireUpload(ctx: Context, req: IncomingMessage, ownerId: string, uploadId: string): Promise<void> {
  if (req.method === "POST") return;
  if (!(await findUpload(ctx.database.db, ownerId, uploadId))) throw uploadNotFound();
}

function openDelivery({ req, signal }: HttpCall, idleMs: number) {
  const stopped = new AbortController();
  const ended = AbortSignal.any([signal, stopped.signal]);
  let heardMs = performance.now();
  async function* read(): AsyncGenerator<Uint8Array> {
    for await (const piece of untilAborted(untilStalled(freePieces(readBody(req, signal)), idleMs), ended)) {
      heardMs = performance.now();
      yield piece;
    }
  }
  const writer: Writer = { stop: () => stopped.abort(uploadMoved()), heardMs: () => heardMs };
  return { bytes: read(), checksum: readChecksum(req.headers["upload-checksum"]?.toString()), writer };
}

/** Only one request at a time writes an upload. Asking how far it has come needs no lock. */
function toLocker(locks: UploadLocks, { method }: IncomingMessage, writer: Writer): Locker {
  return {
    newLock(uploadId) {
      let lock: Disposable | undefined;
      return {
        async lock() {
          if (method === "HEAD") await locks.settle(uploadId);
          else lock = await locks.acquire(uploadId, writer, { takeOver: method === "DELETE" });
        },
        unlock: async () => lock?.[Symbol.dispose](),
      };
    },
  };
}

/** The head of the request; its body goes another way. */
function toRequest(req: IncomingMessage): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) {
    // tuspy sends an empty `Upload-Metadata`, which stands for none.
    const isEmpty = name === "upload-metadata" && !value?.toString().trim();
    if (value !== undefined && !isEmpty && !name.startsWith(":")) headers.set(name, value.toString());
  }
  return new Request(new URL(req.url ?? "", "http://lyceum.invalid"), { method: req.method ?? "", headers });
}

/** Who may read an answer from another site is decided at the edge, so what @tus/server says of it is left out. */
function send(res: ServerResponse, answer: Response, fileId: string | undefined): void {
  for (const [name, value] of answer.headers) if (!name.startsWith("access-control-")) res.setHeader(name, value);
  if (answer.headers.has("tus-extension")) res.setHeader("tus-checksum-algorithm", checksumAlgorithms.join(","));
  if (fileId !== undefined) res.setHeader("lyceum-file-id", fileId);
  res.writeHead(answer.status).end();
}
