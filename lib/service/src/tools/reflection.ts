import {
  createRegistry,
  type DescFile,
  type DescService,
  type MessageInitShape,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import type {
  ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from "@lyceum/gen/proto/grpc/reflection/v1/reflection_pb.ts";

type Response = MessageInitShape<typeof ServerReflectionResponseSchema>;
type Answer = NonNullable<Response["messageResponse"]>;

/** What is there to be described: services, and every file they rest on. */
type Described = {
  readonly services: readonly DescService[];
  readonly files: ReadonlySet<DescFile>;
  readonly registry: Registry;
};

/**
 * Implements `ServerReflectionInfo` of grpc.reflection.v1, and of v1alpha, whose messages are the same. A file is sent with all
 * it imports, unless the stream has had those before.
 */
export function createReflection(
  services: readonly DescService[],
): (requests: AsyncIterable<ServerReflectionRequest>) => AsyncGenerator<Response> {
  const files = listFiles(services.map(({ file }) => file));
  const described = { services, files, registry: createRegistry(...files) };
  return async function* reflect(requests) {
    const sent = new Set<DescFile>();
    for await (const { host, messageRequest } of requests) {
      const messageResponse = answer(messageRequest, described, sent);
      yield { validHost: host, originalRequest: { host, messageRequest }, messageResponse };
    }
  };
}

/** These files and all that they import. */
function listFiles(roots: readonly DescFile[], known = new Set<DescFile>()): Set<DescFile> {
  for (const file of roots) {
    if (!known.has(file)) listFiles(file.dependencies, known.add(file));
  }
  return known;
}

function answer(
  asked: ServerReflectionRequest["messageRequest"],
  { services, files, registry }: Described,
  sent: Set<DescFile>,
): Answer {
  switch (asked.case) {
    case "listServices": {
      const names = services.map(({ typeName }) => typeName).sort();
      return { case: "listServicesResponse", value: { service: names.map((name) => ({ name })) } };
    }
    case "fileByFilename":
      return answerFile(
        [...files].find(({ proto }) => proto.name === asked.value),
        sent,
      );
    case "fileContainingSymbol":
      return answerFile(findSymbol(registry, asked.value), sent);
    case "fileContainingExtension": {
      const extendee = registry.getMessage(asked.value.containingType);
      return answerFile(extendee && registry.getExtensionFor(extendee, asked.value.extensionNumber)?.file, sent);
    }
    case "allExtensionNumbersOfType": {
      if (!registry.getMessage(asked.value)) return failed(Code.NotFound, "There is no such message.");
      const extensionNumber = [...registry]
        .filter((desc) => desc.kind === "extension" && desc.extendee.typeName === asked.value)
        .map((desc) => (desc as { number: number }).number);
      return { case: "allExtensionNumbersResponse", value: { baseTypeName: asked.value, extensionNumber } };
    }
    default:
      return failed(Code.InvalidArgument, "The request asks for nothing that is known here.");
  }
}

function answerFile(file: DescFile | undefined, sent: Set<DescFile>): Answer {
  if (!file) return failed(Code.NotFound, "There is no such thing here.");
  sent.delete(file);
  const files = [...listFiles([file])].filter((each) => !sent.has(each));
  for (const each of files) sent.add(each);
  const fileDescriptorProto = files.map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

/** The file of a type or service, or of what one of them declares, such as a method. */
function findSymbol(registry: Registry, name: string): DescFile | undefined {
  const owner = name.slice(0, name.lastIndexOf("."));
  const member = name.slice(owner.length + 1);
  const found = registry.get(name) ?? [registry.get(owner)].find((desc) => membersOf(desc).includes(member));
  return found?.file;
}

function membersOf(desc: ReturnType<Registry["get"]>): string[] {
  if (desc?.kind === "service") return desc.methods.map(({ name }) => name);
  if (desc?.kind === "message") return [...desc.fields, ...desc.oneofs].map(({ name }) => name);
  return desc?.kind === "enum" ? desc.values.map(({ name }) => name) : [];
}

function failed(errorCode: Code, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
