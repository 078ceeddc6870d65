import { z } from "zod";
import type { S3Options } from "./blobs/s3.ts";

const whole = (message: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,14}$/, message)
    .transform(Number);

/** What files reads from the environment. */
export const config = z
  .object({
    FILES_QUOTA_BYTES: whole("must be a number of bytes, at least 1").default(5 * 1024 ** 3),
    FILES_TRASH_DAYS: whole("must be a number of days, at least 1").default(30),
    FILES_S3_BUCKET: z.string().optional(),
    FILES_S3_ENDPOINT: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(),
    FILES_S3_REGION: z.string().default("us-east-1"),
    FILES_S3_ACCESS_KEY_ID: z.string().optional(),
    FILES_S3_SECRET_ACCESS_KEY: z.string().optional(),
  })
  .refine((env) => env.FILES_S3_BUCKET || !env.FILES_S3_ENDPOINT, {
    path: ["FILES_S3_BUCKET"],
    error: "must name the bucket at FILES_S3_ENDPOINT",
  })
  .refine((env) => !env.FILES_S3_ACCESS_KEY_ID === !env.FILES_S3_SECRET_ACCESS_KEY, {
    path: ["FILES_S3_SECRET_ACCESS_KEY"],
    error: "and FILES_S3_ACCESS_KEY_ID are set together or not at all",
  })
  .transform((env) => ({
    quotaBytes: env.FILES_QUOTA_BYTES,
    trashDays: env.FILES_TRASH_DAYS,
    /** Where the bytes are: a bucket, else a folder below the service's home. */
    blobSettings: readBlobs(env),
  }));

/** The engine that keeps the bytes. */
export type BlobSettings = { readonly provider: "filesystem" } | ({ readonly provider: "s3" } & S3Options);

function readBlobs(env: S3Variables): BlobSettings {
  const { FILES_S3_BUCKET: bucket, FILES_S3_ENDPOINT: endpoint, FILES_S3_REGION: region } = env;
  const { FILES_S3_ACCESS_KEY_ID: accessKeyId, FILES_S3_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!bucket) return { provider: "filesystem" };
  const credentials = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
  return { provider: "s3", bucket, endpoint, region, credentials };
}

type S3Variables = {
  readonly FILES_S3_BUCKET?: string | undefined;
  readonly FILES_S3_ENDPOINT?: string | undefined;
  readonly FILES_S3_REGION: string;
  readonly FILES_S3_ACCESS_KEY_ID?: string | undefined;
  readonly FILES_S3_SECRET_ACCESS_KEY?: string | undefined;
};
