import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isDependencyMissing } from "@lyceum/events";
import { expect, onTestFinished, test } from "vitest";
import { openS3BlobStore } from "./s3.ts";

test.each([
  ["cannot", 503, true],
  ["has no such bucket", 404, false],
  ["refuses the keys", 403, false],
])("a start waits for an S3 that is away, not for one that answers: one that %s (%i)", async (_, status, waits) => {
  const server = createServer((_req, res) => res.writeHead(status).end()).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const opening = openAt((server.address() as AddressInfo).port);
  await expect(opening).rejects.toSatisfy((error) => isDependencyMissing(error) === waits);
});

test("a start waits for an S3 where nothing listens", async () => {
  await expect(openAt(1)).rejects.toSatisfy(isDependencyMissing);
});

function openAt(port: number) {
  const credentials = { accessKeyId: "lyceum", secretAccessKey: "secret" };
  return openS3BlobStore({ bucket: "b", region: "us-east-1", endpoint: `http://127.0.0.1:${port}`, credentials });
}
