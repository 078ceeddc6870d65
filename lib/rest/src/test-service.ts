import {
  createFileRegistry,
  createRegistry,
  type DescService,
  fromJson,
  type JsonObject,
  type JsonValue,
} from "@bufbuild/protobuf";
import {
  FileDescriptorSetSchema,
  file_google_protobuf_duration,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import { file_google_api_annotations } from "@lyceum/gen/proto/google/api/annotations_pb.ts";

const syntax = "proto3";
const list = "LABEL_REPEATED";

/** Every shape that transcoding has to deal with, in one service. For tests. */
export const ShelfService: DescService = (() => {
  const file = {
    name: "test/shelf.proto",
    package: "test.v1",
    syntax,
    dependency: [
      "google/protobuf/timestamp.proto",
      "google/protobuf/duration.proto",
      "google/protobuf/wrappers.proto",
      "google/api/annotations.proto",
    ],
    enumType: [{ name: "Genre", value: ["GENRE_UNSPECIFIED", "GENRE_POEM", "GENRE_PLAY"].map(toEnumValue) }],
    messageType: [
      message("Size", ["width", "TYPE_INT32"], ["tall_edge", "TYPE_INT64"], ["inner", ".test.v1.Size"]),
      message(
        "Book",
        ["book_id", "TYPE_STRING"],
        ["page_count", "TYPE_INT32"],
        ["byte_count", "TYPE_INT64"],
        ["in_print", "TYPE_BOOL"],
        ["genre", ".test.v1.Genre"],
        ["tags", "TYPE_STRING", list],
        ["genres", ".test.v1.Genre", list],
        ["due_time", ".google.protobuf.Timestamp"],
        ["loan", ".google.protobuf.Duration"],
        ["size", ".test.v1.Size"],
        ["sizes", ".test.v1.Size", list],
        ["cover", "TYPE_BYTES"],
        ["price", "TYPE_DOUBLE"],
        ["lent", ".google.protobuf.BoolValue"],
      ),
      message("BookResponse", ["book", ".test.v1.Book"]),
      {
        ...message("WatchResponse", ["cursor", "TYPE_STRING"], ["book", ".test.v1.Book"], ["book_gone", "TYPE_STRING"]),
        oneofDecl: [{ name: "event" }],
      },
    ],
    service: [
      {
        name: "ShelfService",
        method: [
          rpc("GetBook", { get: "/v1/books/{book_id}" }),
          rpc("ListBooks", { get: "/v1/books", responseBody: "book" }),
          rpc("GetMine", { get: "/v1/books/mine" }),
          rpc("AddBook", { post: "/v1/books", body: "*" }),
          rpc("RenewBook", { post: "/v1/books/{book_id}:renew", body: "*" }),
          rpc("ResizeBook", {
            patch: "/v1/books/{book_id}/size",
            body: "size",
            additionalBindings: [{ put: "/v1/{book_id=shelves/*/books/*}/size", body: "size" }],
          }),
          rpc("DeleteBook", { delete: "/v1/books/{book_id}" }),
          rpc("FollowBook", { get: "/v1/books/{book_id}/follow" }, { serverStreaming: true }),
          rpc(
            "WatchBooks",
            { get: "/v1/books:watch" },
            { serverStreaming: true, outputType: ".test.v1.WatchResponse" },
          ),
          rpc("PutBooks", { post: "/v1/never" }, { clientStreaming: true }),
        ],
      },
    ],
  };
  for (const index of [1, 2]) Object.assign(file.messageType[3]?.field[index] as JsonObject, { oneofIndex: 0 });
  const registry = createRegistry(file_google_api_annotations);
  const set = fromJson(FileDescriptorSetSchema, { file: [file as JsonValue] }, { registry });
  const known = [
    file_google_protobuf_timestamp,
    file_google_protobuf_duration,
    file_google_protobuf_wrappers,
    file_google_api_annotations,
  ];
  const files = createFileRegistry(set.file[0] as never, (name) => known.find((desc) => `${desc.name}.proto` === name));
  return files.getService("test.v1.ShelfService") as DescService;
})();

function message(name: string, ...fields: [name: string, type: string, label?: string][]) {
  return {
    name,
    field: fields.map(([field, type, label], index) => ({
      name: field,
      jsonName: field.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      number: index + 1,
      label: label ?? "LABEL_OPTIONAL",
      ...(type.startsWith(".")
        ? { typeName: type, type: type.includes("Genre") ? "TYPE_ENUM" : "TYPE_MESSAGE" }
        : { type }),
    })),
  };
}

function rpc(name: string, http: JsonObject, more: JsonObject = {}) {
  return {
    name,
    inputType: ".test.v1.Book",
    outputType: ".test.v1.BookResponse",
    options: { "[google.api.http]": http },
    ...more,
  };
}

function toEnumValue(name: string, number: number) {
  return { name, number };
}
