import type { Readable } from "node:stream";
import { DataStore, Upload } from "@tus/server";
import { checkName } from "../../check-name.ts";
import type { Context } from "../../context.ts";
import { uploadNotFound, uploadTooLong } from "../../errors.ts";
import { beginUpload } from "../../resumable/begin-upload.ts";
import { dropUpload } from "../../resumable/drop-upload.ts";
import { uploadLifetimeMs } from "../../resumable/expiry.ts";
import { finishUpload } from "../../resumable/finish-upload.ts";
import { isLost } from "../../resumable/is-lost.ts";
import type { Meters } from "../../resumable/meters.ts";
import { type Delivery, receiveBytes } from "../../resumable/receive-bytes.ts";
import { findUpload, type UploadRow } from "../../upload-store.ts";

/** What a file is called whose sender does not say. */
const unnamed = "file";

/** What one request asks of an upload, as @tus/server calls it. */
export class TusStore extends DataStore {
  override extensions = ["creation", "creation-with-upload", "termination", "checksum", "expiration"];
  readonly #ctx: Context;
  readonly #meters: Meters;
  readonly #ownerId: string;
  readonly #delivery: Delivery;
  #row: UploadRow | undefined;

  constructor(ctx: Context, meters: Meters, { ownerId, delivery }: { ownerId: string; delivery: Delivery }) {
    super();
    this.#ctx = ctx;
    this.#meters = meters;
    this.#ownerId = ownerId;
    this.#delivery = delivery;
  }

  /** The file that the upload has become. */
  get fileId(): string | undefined {
    return this.#row?.finished ? this.#row.id : undefined;
  }

  override async create(upload: Upload): Promise<Upload> {
    const { id, metadata = {}, size: sizeBytes = 0 } = upload;
    // The type that its sender names, `filetype`, is only told again: the bytes say what they are.
    const name = checkName(metadata.filename || unnamed);
    const folderId = metadata.folderId ?? "";
    this.#row = await beginUpload(this.#ctx, { id, ownerId: this.#ownerId, name, folderId, metadata, sizeBytes });
    if (sizeBytes === 0) await this.#receive({ bytes: noBytes(), checksum: undefined });
    return upload;
  }

  override async getUpload(uploadId: string): Promise<Upload> {
    this.#row = await findUpload(this.#ctx.database.db, this.#ownerId, uploadId);
    if (!this.#row) throw uploadNotFound();
    await this.#finishIfComplete();
    const { id, metadata, sizeBytes, offsetBytes, expireTime } = this.#row;
    // From this and the lifetime @tus/server tells when it expires.
    const creation_date = new Date(expireTime.getTime() - uploadLifetimeMs).toISOString();
    return new Upload({ id, size: sizeBytes, offset: offsetBytes, creation_date, ...(metadata && { metadata }) });
  }

  /** The bytes come straight from the request: the web stream that @tus/server would make of it takes as long as storing them. */
  override async write(stream: Readable): Promise<number> {
    stream.resume();
    return this.#receive(this.#delivery);
  }

  override async remove(uploadId: string): Promise<void> {
    await this.getUpload(uploadId);
    await dropUpload(this.#ctx, uploadId);
    this.#meters.forget(uploadId);
  }

  override getExpiration(): number {
    return uploadLifetimeMs;
  }

  async #receive(delivery: Delivery): Promise<number> {
    if (!this.#row) throw uploadNotFound();
    if (this.#row.finished) await requireNoMore(delivery, this.#row);
    else this.#row = await receiveBytes(this.#ctx, this.#meters, this.#row, delivery).catch(throwLost);
    await this.#finishIfComplete();
    return this.#row.offsetBytes;
  }

  async #finishIfComplete(): Promise<void> {
    const row = this.#row;
    if (!row || row.finished || row.offsetBytes < row.sizeBytes) return;
    await finishUpload(this.#ctx, row, this.#meters.take(row)).catch(throwLost);
    this.#row = { ...row, finished: true };
  }
}

function throwLost(error: unknown): never {
  throw isLost(error) ? uploadNotFound() : error;
}

async function requireNoMore({ bytes }: Delivery, { sizeBytes }: UploadRow): Promise<void> {
  for await (const piece of bytes) if (piece.length > 0) throw uploadTooLong(sizeBytes);
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}
