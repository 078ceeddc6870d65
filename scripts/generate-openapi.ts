/** Writes `gen/openapi/openapi.json`: every REST path of the public services, with the comments of their protos. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createFileRegistry, type DescService, fromBinary, getOption } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { rule } from "@lyceum/gen/proto/lyceum/access/v1/access_pb.ts";
import { type PlainRoute, toOpenApi } from "@lyceum/rest";
import { socketRoute } from "../edge/gateway/src/live/socket-route.ts";
import { root, runTool } from "./run-tool.ts";

const folder = join(root, "gen/openapi");
const image = join(folder, "image.binpb");
mkdirSync(folder, { recursive: true });
const { status } = runTool("buf", ["build", "--as-file-descriptor-set", "-o", image], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
const files = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)));
rmSync(image);

const services = [...files]
  .filter((desc): desc is DescService => desc.kind === "service")
  .filter(({ typeName }) => typeName.startsWith("lyceum.") && !typeName.endsWith("InternalService"))
  .sort((a, b) => (a.typeName < b.typeName ? -1 : 1));

/** A service whose plain HTTP is described lists it in `src/http/routes.ts`; what the handlers need is not needed here. */
const plainRoutes: PlainRoute[] = [socketRoute];
for (const name of readdirSync(join(root, "services")).sort()) {
  const path = join(root, "services", name, "src/http/routes.ts");
  if (existsSync(path)) plainRoutes.push(...(await import(path)).httpRoutes(undefined));
}

const document = toOpenApi({
  info: {
    title: "Lyceum",
    version: JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version,
    description: [
      "Files in, cited answers out, alone or in a room with others. The same RPCs are served as Connect, gRPC and gRPC-Web at",
      "`/<package>.<Service>/<Method>`, on the same port.\n\nJSON is proto3 JSON: camelCase, defaults always written, enum values",
      "by name, 64-bit integers as strings. Every failure is a problem (RFC 9457, `application/problem+json`) whose `code` and",
      "`reason` tell it apart and whose `traceId` finds it in the logs. Streams are server-sent events where `Accept` is",
      "text/event-stream, else a line of JSON for each message. Lists come in pages: `pageToken` is the `nextPageToken` of the page",
      "before.",
    ].join(" "),
    license: { name: "Apache License 2.0", identifier: "Apache-2.0" },
  },
  bearerDescription: "The `accessToken` of a session, as `POST /v1/auth/sign-in` gives it; it lives ten minutes.",
  services,
  isPublic: (rpc) => getOption(rpc, rule).public,
  plainRoutes,
});
writeFileSync(join(folder, "openapi.json"), `${JSON.stringify(document, null, 2)}\n`);
