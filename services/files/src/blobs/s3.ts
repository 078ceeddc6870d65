import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Code, ConnectError } from "@connectrpc/connect";
import { BlobExistsError, BlobNotFoundError, type BlobStore, type ByteRange, checkKey } from "./blob-store.ts";
import { untilAborted } from "./until-aborted.ts";

/** Where the bucket is, and by which keys it is reached; without keys by those of the machine's role. */
export type S3Options = {
  readonly bucket: string;
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
};

// S3 takes no smaller part but the last, and no more than 10,000.
const partBytes = 8 * 1024 * 1024;
const staleAfterMs = 48 * 3_600_000;
const blobsPrefix = "blobs/";
const growingPrefix = "growing/";

type Part = { readonly PartNumber: number; readonly ETag: string };
/** What a mark stands for: whole parts of a multipart upload, and an object with what is too small for one. */
type Mark = { readonly uploadId: string | undefined; readonly parts: readonly Part[]; readonly tail: string };

/** Keeps blobs as objects of a bucket. Throws `unavailable` if the bucket cannot be reached. */
export async function openS3BlobStore(options: S3Options): Promise<BlobStore & Disposable> {
  const s3 = createBucket(options);
  const ping = () => s3.send(new HeadBucketCommand({ Bucket: options.bucket }));
  await ping().catch((error) => {
    s3.client.destroy();
    throw isAway(error)
      ? new ConnectError("S3 cannot be reached now.", Code.Unavailable, undefined, undefined, error)
      : error;
  });
  void abortStale(s3, Date.now() - staleAfterMs).catch(() => {});

  async function put(key: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const target = blobsPrefix + checkKey(key);
    if (await exists(s3, target)) throw new BlobExistsError(key);
    const writer = createWriter(s3, target, { uploadId: undefined, parts: [] });
    try {
      for await (const piece of untilAborted(bytes, signal)) await writer.write(piece);
      signal.throwIfAborted();
      await writer.finish();
    } catch (error) {
      await writer.abort();
      throw isTaken(error) ? new BlobExistsError(key, { cause: error }) : error;
    }
  }

  async function* read(key: string, range: ByteRange | undefined, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const Range = range && `bytes=${range.start}-${range.end}`;
    const Key = blobsPrefix + checkKey(key);
    const command = new GetObjectCommand({ Bucket: options.bucket, Key, ...(Range && { Range }) });
    const { Body } = await s3.client.send(command, { abortSignal: signal }).catch((error) => {
      throw isMissing(error) ? new BlobNotFoundError(key, { cause: error }) : error;
    });
    const body = Body as Readable;
    try {
      yield* untilAborted(body as AsyncIterable<Uint8Array>, signal);
    } finally {
      body.destroy();
    }
  }

  return {
    put,
    read,
    async delete(key) {
      await s3.send(new DeleteObjectCommand({ Bucket: options.bucket, Key: blobsPrefix + checkKey(key) }));
    },
    grow: (key, mark) => grow(s3, checkKey(key), mark),
    complete: (key, mark) => complete(s3, checkKey(key), mark),
    abandon: (key) => forgetGrowing(s3, checkKey(key)),
    ping,
    [Symbol.dispose]: () => s3.client.destroy(),
  };
}

type Bucket = { readonly client: S3Client; readonly name: string; readonly send: S3Client["send"] };

function createBucket({ bucket, endpoint, region, credentials }: S3Options): Bucket {
  const client = new S3Client({
    region,
    ...(endpoint && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    maxAttempts: 3,
    // Checksums that not every S3 knows are sent only where S3 asks for them.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 30_000 },
  });
  return { client, name: bucket, send: client.send.bind(client) };
}

/** Goes on writing an object in parts. */
function createWriter({ send, name: Bucket }: Bucket, Key: string, from: Pick<Mark, "uploadId" | "parts">) {
  let { uploadId } = from;
  const parts: Promise<Part>[] = from.parts.map((part) => Promise.resolve(part));
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let failed: unknown;

  async function begin(): Promise<string> {
    uploadId ??= (await send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId as string;
    return uploadId;
  }
  async function upload(PartNumber: number, Body: Buffer): Promise<Part> {
    const UploadId = await begin();
    const { ETag } = await send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    return { PartNumber, ETag: ETag as string };
  }
  const flush = async () => {
    const body = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    await begin();
    // One part on its way while the next is gathered.
    await parts.at(-1);
    const part = upload(parts.length + 1, body);
    part.catch((error) => {
      failed = error;
    });
    parts.push(part);
  };
  return {
    async write(piece: Uint8Array) {
      if (failed) throw failed;
      waiting.push(Buffer.from(piece));
      waitingBytes += piece.length;
      if (waitingBytes >= partBytes) await flush();
    },
    /** What has been written until now: whole parts, and the rest. */
    async take(): Promise<{ uploadId: string | undefined; parts: Part[]; rest: Buffer }> {
      const rest = Buffer.concat(waiting);
      const whole = await Promise.all([...parts]);
      return { uploadId: whole.length > 0 ? uploadId : undefined, parts: whole, rest };
    },
    /** Makes it an object, unless there is one under its key. */
    async finish() {
      if (parts.length === 0) {
        await send(new PutObjectCommand({ Bucket, Key, Body: Buffer.concat(waiting), IfNoneMatch: "*" }));
        return;
      }
      if (waitingBytes > 0) await flush();
      const Parts = await Promise.all(parts);
      const UploadId = await begin();
      await send(
        new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, IfNoneMatch: "*" }),
      );
    },
    async settle() {
      await Promise.allSettled(parts);
    },
    async abort() {
      await Promise.allSettled(parts);
      if (uploadId) await send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: uploadId })).catch(() => {});
    },
  };
}

async function grow(s3: Bucket, key: string, text: string | undefined) {
  const mark = text === undefined ? undefined : readMark(key, text);
  const before = mark && (await readTail(s3, key, mark));
  await forgetGrowing(s3, key, mark);
  const writer = createWriter(s3, blobsPrefix + key, mark ?? { uploadId: undefined, parts: [] });
  if (before) await writer.write(before);
  return {
    write: writer.write,
    async sync() {
      const { rest, ...whole } = await writer.take();
      const tail = randomUUID();
      await s3.send(new PutObjectCommand({ Bucket: s3.name, Key: tailKey(key, tail), Body: rest }));
      return JSON.stringify({ ...whole, tail } satisfies Mark);
    },
    // A part that arrives late would take the place of the next writer's.
    [Symbol.asyncDispose]: () => writer.settle(),
  };
}

async function complete(s3: Bucket, key: string, text: string): Promise<void> {
  const target = blobsPrefix + key;
  if (!(await exists(s3, target))) {
    const mark = readMark(key, text);
    try {
      const writer = createWriter(s3, target, mark);
      await writer.write(await readTail(s3, key, mark));
      await writer.finish();
    } catch (error) {
      // Another call may have been faster.
      if (!(await exists(s3, target))) throw isMissing(error) ? new BlobNotFoundError(key, { cause: error }) : error;
    }
  }
  await forgetGrowing(s3, key);
}

function readMark(key: string, text: string): Mark {
  try {
    return JSON.parse(text) as Mark;
  } catch (error) {
    throw new BlobNotFoundError(key, { cause: error });
  }
}

async function readTail({ send, name: Bucket }: Bucket, key: string, { tail }: Mark): Promise<Uint8Array> {
  try {
    const { Body } = await send(new GetObjectCommand({ Bucket, Key: tailKey(key, tail) }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    throw isMissing(error) ? new BlobNotFoundError(key, { cause: error }) : error;
  }
}

/** Removes what grows under a key, but for what `kept` stands for. */
async function forgetGrowing(s3: Bucket, key: string, kept?: Mark): Promise<void> {
  const { send, name: Bucket } = s3;
  const { Contents = [] } = await send(new ListObjectsV2Command({ Bucket, Prefix: `${growingPrefix}${key}/` }));
  for (const { Key } of Contents) {
    if (Key && Key !== (kept && tailKey(key, kept.tail))) await send(new DeleteObjectCommand({ Bucket, Key }));
  }
  const { Uploads = [] } = await send(new ListMultipartUploadsCommand({ Bucket, Prefix: blobsPrefix + key }));
  for (const { Key, UploadId } of Uploads) {
    if (Key === blobsPrefix + key && UploadId && UploadId !== kept?.uploadId) await abortUpload(s3, Key, UploadId);
  }
}

/** Ends multipart uploads that nobody can still be writing: a crash leaves them behind, unseen and paid for. */
async function abortStale(s3: Bucket, before: number): Promise<void> {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: s3.name, Prefix: blobsPrefix }));
  for (const { Key, UploadId, Initiated } of Uploads) {
    if (Key && UploadId && Initiated && Initiated.getTime() < before) await abortUpload(s3, Key, UploadId);
  }
}

const abortUpload = ({ send, name: Bucket }: Bucket, Key: string, UploadId: string) =>
  send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => undefined);

async function exists({ send, name: Bucket }: Bucket, Key: string): Promise<boolean> {
  try {
    await send(new HeadObjectCommand({ Bucket, Key }));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

const tailKey = (key: string, tail: string) => `${growingPrefix}${key}/${tail}`;

const nameOf = (error: unknown) => (error instanceof Error ? error.name : "");
/** Whether S3 gave no answer, or none but that it cannot now. */
const isAway = (error: { name?: string; code?: string; $metadata?: { httpStatusCode?: number } }) =>
  error.code !== undefined || error.name === "TimeoutError" || Number(error.$metadata?.httpStatusCode) >= 500;

const isMissing = (error: unknown) =>
  error instanceof BlobNotFoundError || ["NoSuchKey", "NotFound", "NoSuchUpload"].includes(nameOf(error));
const isTaken = (error: unknown) => ["PreconditionFailed", "ConditionalRequestConflict"].includes(nameOf(error));
