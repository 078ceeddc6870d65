import { inject } from "vitest";
import { openS3BlobStore } from "./s3.ts";
import { testBlobStore } from "./test-blob-store.ts";

testBlobStore("S3", () => {
  const engines = inject("engines");
  return openS3BlobStore({
    bucket: engines.FILES_S3_BUCKET as string,
    endpoint: engines.FILES_S3_ENDPOINT,
    region: engines.FILES_S3_REGION as string,
    credentials: {
      accessKeyId: engines.FILES_S3_ACCESS_KEY_ID as string,
      secretAccessKey: engines.FILES_S3_SECRET_ACCESS_KEY as string,
    },
  });
});
