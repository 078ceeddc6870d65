import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Health, HealthCheckResponse_ServingStatus as Status } from "@lyceum/gen/proto/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "@lyceum/gen/proto/grpc/reflection/v1/reflection_pb.ts";
import { startServices, type TestProcess } from "@lyceum/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Front, Mounts } from "../define-service.ts";
import { defineEcho } from "../echo-definition.testing.ts";
import { EchoService } from "../echo-service.testing.ts";

const echo = "lyceum.files.v1.EchoService";
const internal = "lyceum.files.v1.EchoInternalService";
const tools = [
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

let stack: AsyncDisposableStack;
let service: TestProcess;
let gateway: TestProcess;
let url: string;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  service = stack.use(await startServices([defineEcho("files")]));
  gateway = stack.use(await startGateway(service.url));
  url = gateway.url;
});
afterAll(() => stack[Symbol.asyncDispose]());

/** A gateway to the echo service of another process. */
function startGateway(filesUrl: string): Promise<TestProcess> {
  const front = (mounts: Mounts): Front => {
    const serve = mounts.tools([EchoService]);
    return { request: (req, res) => void serve(req, res), upgrade: (_, socket) => void socket.destroy() };
  };
  return startServices([defineEcho("gateway", { front })], { env: { FILES_URL: filesUrl } });
}

const healthAt = (baseUrl: string) => createClient(Health, createGrpcTransport({ baseUrl }));

/** What a reflecting client is answered, one response for each request. */
async function reflect(baseUrl: string, ...requests: { case: string; value: unknown }[]) {
  const client = createClient(ServerReflection, createGrpcTransport({ baseUrl }));
  async function* ask() {
    for (const messageRequest of requests) yield { messageRequest } as never;
  }
  const answers: string[][] = [];
  for await (const { messageResponse: response } of client.serverReflectionInfo(ask())) {
    if (response.case === "listServicesResponse") answers.push(response.value.service.map(({ name }) => name));
    else if (response.case === "fileDescriptorResponse") {
      answers.push(
        response.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name),
      );
    } else if (response.case === "allExtensionNumbersResponse")
      answers.push(response.value.extensionNumber.map(String));
    else answers.push([`error ${response.case === "errorResponse" && response.value.errorCode}`]);
  }
  return answers;
}

describe("reflection", () => {
  test("lists everything at a service's own port, and nothing internal at the gateway's", async () => {
    expect(await reflect(service.url, { case: "listServices", value: "" })).toEqual([[...tools, internal, echo]]);
    expect(await reflect(url, { case: "listServices", value: "" })).toEqual([[...tools, echo]]);
    expect(
      await reflect(
        url,
        { case: "fileContainingSymbol", value: internal },
        { case: "fileByFilename", value: "lyceum/files/v1/EchoInternalService.proto" },
      ),
    ).toEqual([["error 5"], ["error 5"]]);
  });

  test("finds files by name, symbol and extension, and sends an import once in a stream", async () => {
    const file = "lyceum/files/v1/EchoService.proto";
    const extension = { containingType: "google.protobuf.FieldOptions", extensionNumber: 1159 };
    const [byMethod, again, byName, byExtension, numbers, ...unknown] = await reflect(
      url,
      { case: "fileContainingSymbol", value: `${echo}.Say` },
      { case: "fileContainingSymbol", value: "lyceum.files.v1.Echo.text" },
      { case: "fileByFilename", value: "google/protobuf/descriptor.proto" },
      { case: "fileContainingExtension", value: extension },
      { case: "allExtensionNumbersOfType", value: "google.protobuf.FieldOptions" },
      { case: "fileContainingSymbol", value: `${echo}.Sing` },
      { case: "fileContainingSymbol", value: "" },
      { case: "fileByFilename", value: "../package.json" },
      {
        case: "fileContainingExtension",
        value: { containingType: "google.protobuf.FieldOptions", extensionNumber: 7 },
      },
      { case: "allExtensionNumbersOfType", value: "nothing.Such" },
    );
    expect(byMethod?.[0]).toBe(file);
    expect(byMethod).toEqual(
      expect.arrayContaining(["buf/validate/validate.proto", "google/protobuf/descriptor.proto"]),
    );
    expect(again).toEqual([file]);
    expect(byName).toEqual(["google/protobuf/descriptor.proto"]);
    expect(byExtension).toEqual(["buf/validate/validate.proto"]);
    expect(numbers).toContain("1159");
    expect(unknown).toEqual(Array(5).fill(["error 5"]));
  });

  test.each(["grpc-v1", "grpc-v1alpha"])("lets buf curl call what it has no protos of, by %s", async (protocol) => {
    const buf = join(import.meta.dirname, "../../../../node_modules/.bin/buf");
    const curl = async (...args: string[]) =>
      (await promisify(execFile)(buf, ["curl", "--http2-prior-knowledge", "--reflect-protocol", protocol, ...args]))
        .stdout;
    expect(await curl("--list-methods", url)).toContain(`${echo}/Say`);
    const said = await curl("--protocol", "grpc", "-d", '{"text":"moon","size":"7"}', `${service.url}/${echo}/Say`);
    expect(JSON.parse(said)).toEqual({ text: "moon", size: "7" });
  });
});

describe("health", () => {
  test("tells of the process, of each service, and of the process a service is in", async () => {
    const health = healthAt(url);
    for (const name of ["", echo, "grpc.health.v1.Health"]) {
      expect(await health.check({ service: name })).toMatchObject({ status: Status.SERVING });
    }
    await expect(health.check({ service: internal })).rejects.toMatchObject({ code: Code.NotFound });
    expect(Object.keys((await health.list({})).statuses).sort()).toEqual(["", ...tools, echo]);
    const plain = await gateway.fetch("/grpc.health.v1.Health/Check", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(await plain.json()).toEqual({ status: "SERVING" });
  });

  test("watches until the process goes, and tells of one that can't be reached", async () => {
    await using behind = await startServices([defineEcho("files")]);
    await using front = await startGateway(behind.url);
    const watched = healthAt(behind.url).watch({ service: echo })[Symbol.asyncIterator]();
    const unknown = healthAt(behind.url).watch({ service: "no.Service" })[Symbol.asyncIterator]();
    expect((await watched.next()).value).toMatchObject({ status: Status.SERVING });
    expect((await unknown.next()).value).toMatchObject({ status: Status.SERVICE_UNKNOWN });
    const changed = watched.next();
    const ended = unknown.next();
    await behind[Symbol.asyncDispose]();
    expect((await changed).value).toMatchObject({ status: Status.NOT_SERVING });
    expect((await ended).done).toBe(true);
    expect((await watched.next()).done).toBe(true);
    expect(await healthAt(front.url).check({ service: echo })).toMatchObject({ status: Status.NOT_SERVING });
  });
});
