import {
  create,
  createFileRegistry,
  type DescService,
  type Message,
  type MessageInitShape,
  setExtension,
} from "@bufbuild/protobuf";
import type { GenMessage, GenService } from "@bufbuild/protobuf/codegenv2";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  MethodOptions_IdempotencyLevel,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { FieldRulesSchema, field, file_buf_validate_validate } from "@lyceum/gen/proto/buf/validate/validate_pb.ts";
import { file_lyceum_access_v1_access, RuleSchema, rule } from "@lyceum/gen/proto/lyceum/access/v1/access_pb.ts";

/** The only message of the echo service. */
export type Echo = Message<"lyceum.files.v1.Echo"> & {
  /** At most 100 characters. */
  text: string;
  size: bigint;
  ratio: number;
  data: Uint8Array;
  words: string[];
};
type EchoSchema = GenMessage<Echo>;
type Rpc<Kind> = { methodKind: Kind; input: EchoSchema; output: EchoSchema };

const { BYTES, FLOAT, INT64, STRING } = FieldDescriptorProto_Type;
const { OPTIONAL, REPEATED } = FieldDescriptorProto_Label;

type MethodSketch = {
  name: string;
  client?: boolean;
  server?: boolean;
  read?: boolean;
  rule?: MessageInitShape<typeof RuleSchema>;
};

const methods: MethodSketch[] = [
  { name: "Say", rule: { public: true } },
  { name: "Read", rule: { public: true }, read: true },
  { name: "SayAsPerson", rule: { user: true } },
  { name: "SayAsTeacher", rule: { roles: ["teacher"] } },
  { name: "SayAsService", rule: { services: ["ingest"] } },
  { name: "SayToNobody" },
  { name: "Watch", rule: { public: true }, server: true },
  { name: "WatchAsPerson", rule: { user: true }, server: true },
  { name: "Collect", rule: { public: true }, client: true },
  { name: "Talk", rule: { public: true }, client: true, server: true },
];

/** A service of every kind of RPC and of access rule, as if files owned it. */
export const EchoService = makeService("EchoService") as unknown as GenService<{
  say: Rpc<"unary">;
  read: Rpc<"unary">;
  sayAsPerson: Rpc<"unary">;
  sayAsTeacher: Rpc<"unary">;
  sayAsService: Rpc<"unary">;
  sayToNobody: Rpc<"unary">;
  watch: Rpc<"server_streaming">;
  watchAsPerson: Rpc<"server_streaming">;
  collect: Rpc<"client_streaming">;
  talk: Rpc<"bidi_streaming">;
}>;
/** The same for other services only. */
export const EchoInternalService = makeService("EchoInternalService") as unknown as typeof EchoService;

function makeService(name: string): DescService {
  const text = create(FieldOptionsSchema);
  setExtension(text, field, create(FieldRulesSchema, { type: { case: "string", value: { maxLen: 100n } } }));
  const scalar = (fieldName: string, number: number, type: FieldDescriptorProto_Type, repeated = false) => ({
    name: fieldName,
    number,
    type,
    label: repeated ? REPEATED : OPTIONAL,
    jsonName: fieldName,
    ...(fieldName === "text" ? { options: text } : {}),
  });
  const file = create(FileDescriptorProtoSchema, {
    name: `lyceum/files/v1/${name}.proto`,
    package: "lyceum.files.v1",
    syntax: "proto3",
    dependency: ["buf/validate/validate.proto", "lyceum/access/v1/access.proto"],
    messageType: [
      {
        name: "Echo",
        field: [
          scalar("text", 1, STRING),
          scalar("size", 2, INT64),
          scalar("ratio", 3, FLOAT),
          scalar("data", 4, BYTES),
          scalar("words", 5, STRING, true),
        ],
      },
    ],
    service: [{ name, method: methods.map(toMethod) }],
  });
  const registry = createFileRegistry(
    file,
    (path) =>
      [file_buf_validate_validate, file_lyceum_access_v1_access].find(({ proto }) => proto.name === path)?.proto ??
      [...file_buf_validate_validate.dependencies, ...file_lyceum_access_v1_access.dependencies].find(
        ({ proto }) => proto.name === path,
      )?.proto,
  );
  const service = registry.getService(`lyceum.files.v1.${name}`);
  if (!service) throw new Error("The echo service cannot be built.");
  return service;
}

function toMethod({ name, client = false, server = false, read = false, rule: access }: MethodSketch) {
  const options = create(MethodOptionsSchema);
  if (access) setExtension(options, rule, create(RuleSchema, access));
  if (read) options.idempotencyLevel = MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  return {
    name,
    inputType: ".lyceum.files.v1.Echo",
    outputType: ".lyceum.files.v1.Echo",
    clientStreaming: client,
    serverStreaming: server,
    options,
  };
}
