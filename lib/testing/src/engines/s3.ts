import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../start-program.ts";
import { cached, runTool } from "./cache.ts";
import { type Engine, startEngine } from "./engine.ts";
import { canConnect } from "./kafka.ts";

const version = "1.8.0";

/** A server with S3's API over a folder, with one bucket. */
export type S3Engine = Engine & {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
};

/** versitygw, built from the Go module proxy and cached. */
export function fetchS3(): Promise<string> {
  return cached(`versitygw-${version}`, (folder) =>
    runTool("go", ["install", `github.com/versity/versitygw/cmd/versitygw@v${version}`], {
      env: { ...process.env, GOBIN: folder, CGO_ENABLED: "0", GOFLAGS: "-mod=mod" },
    }),
  );
}

/** Starts a server whose buckets are the folders of `folder`; its one bucket is `lyceum`. With the one `before`, it is that again. */
export async function startS3(
  folder: string,
  before?: Pick<S3Engine, "endpoint" | "accessKeyId" | "secretAccessKey">,
): Promise<S3Engine> {
  const binary = join(await fetchS3(), "versitygw");
  const http = before ? Number(new URL(before.endpoint).port) : await findFreePort();
  const bucket = "lyceum";
  await mkdir(join(folder, "buckets", bucket), { recursive: true });
  const { accessKeyId, secretAccessKey } = before ?? {
    accessKeyId: "lyceum",
    secretAccessKey: randomBytes(18).toString("base64url"),
  };
  const engine = await startEngine({
    name: "S3",
    command: binary,
    args: ["--port", `127.0.0.1:${http}`, "posix", join(folder, "buckets")],
    env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
    logFile: join(folder, "s3.out"),
    isReady: () => canConnect(http),
  });
  return Object.assign(engine, {
    endpoint: `http://127.0.0.1:${http}`,
    region: "us-east-1",
    bucket,
    accessKeyId,
    secretAccessKey,
  });
}
