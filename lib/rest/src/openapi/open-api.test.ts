import { readFileSync } from "node:fs";
import { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { ShelfService } from "../test-service.ts";
import { type OpenApiDocument, toOpenApi } from "./open-api.ts";

const info = { title: "Test", version: "1" };
const upload = {
  method: "POST",
  path: "/v1/files",
  access: "user" as const,
  operation: { operationId: "FileService_UploadFile", responses: { "201": { description: "The file." } } },
};
const document = toOpenApi({
  info,
  services: [FileService, IdentityService, IngestService, RagService, ShelfService],
  isPublic: ({ name }) => name === "SignUp",
  plainRoutes: [
    upload,
    { ...upload, method: "GET", path: "/v1/files/{file_id}/content", access: "public", operation: {} },
  ],
});
const served: OpenApiDocument = JSON.parse(
  readFileSync(new URL("../../../../gen/openapi/openapi.json", import.meta.url), "utf8"),
);
// biome-ignore lint/suspicious/noExplicitAny: a document is looked into by path
const looked = document as any;
const { paths } = looked;
const { schemas } = looked.components;

async function problemsOf(candidate: OpenApiDocument): Promise<unknown> {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(candidate));
  return valid ? validator.version : errors;
}

test("is valid OpenAPI 3.1, and so is what is served", async () => {
  expect(await problemsOf(document)).toBe("3.1");
  expect(await problemsOf(served)).toBe("3.1");
});

test.each([
  ["what is made", document],
  ["what is served", served],
])("refers only to what is there in %s", (_, candidate) => {
  const known = Object.entries(candidate.components as object).flatMap(([kind, named]) =>
    Object.keys(named).map((name) => `#/components/${kind}/${name}`),
  );
  for (const [, ref] of JSON.stringify(candidate).matchAll(/"\$ref":"([^"]+)"/g)) expect(known).toContain(ref);
});

test("names operations after service and method, once each", () => {
  expect(paths["/v1/auth/sign-up"].post).toMatchObject({ operationId: "IdentityService_SignUp", security: [] });
  expect(paths["/v1/documents/{file_id}:retry"].post.operationId).toBe("IngestService_RetryDocument");
  const ids = Object.values(paths).flatMap((path) =>
    Object.values(path as object).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toContain("ShelfService_ResizeBook_2");
});

test("says what is sent, with its limits", () => {
  expect(schemas["lyceum.identity.v1.SignUpRequest"]).toMatchObject({
    properties: {
      email: { type: "string", format: "email", maxLength: 254 },
      password: { minLength: 8, maxLength: 256 },
    },
    required: ["email", "password"],
    additionalProperties: false,
  });
  expect(paths["/v1/auth/sign-up"].post.requestBody.required).toBe(true);
  expect(paths["/v1/auth/sign-out"].post.requestBody.required).toBeUndefined();
  expect(schemas["lyceum.rag.v1.SearchRequest"].properties.fileIds).toEqual({
    type: "array",
    maxItems: 250,
    items: { type: "string", minLength: 1, maxLength: 64 },
  });
  const grant = paths["/v1/files/{file_id}/grants"].post.requestBody.content["application/json"].schema;
  expect(Object.keys(grant.properties)).toEqual(["principal", "role", "expireTime"]);
});

test("says what is answered: implicit defaults are always there, 64 bits are strings, enums are names", () => {
  const File = schemas["lyceum.files.v1.File"];
  expect(File.properties.sizeBytes).toEqual({ type: "string", format: "int64" });
  expect(File.required).toContain("sizeBytes");
  expect(File.required).not.toContain("createTime");
  expect(schemas["lyceum.files.v1.FileState"].enum).toEqual([
    "FILE_STATE_UNSPECIFIED",
    "FILE_STATE_READY",
    "FILE_STATE_TRASHED",
  ]);
  expect(schemas["lyceum.files.v1.ListFilesResponse"].required).toEqual(["files", "nextPageToken"]);
  expect(schemas["test.v1.WatchResponse"].required).toEqual(["cursor"]);
});

test("lists query parameters, nested ones by their path", () => {
  const names = paths["/v1/books/{book_id}"].get.parameters.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(["book_id", "pageCount", "tags", "dueTime", "size.width"]));
  expect(names).not.toContain("sizes");
  expect(names).not.toContain("bookId");
});

test("leaves nothing that is served without a description", () => {
  const bare: string[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: a document is walked as it is
  const walk = (node: any, at: string) => {
    if (typeof node !== "object" || node === null) return;
    for (const [name, schema] of Object.entries<{ description?: string }>(node.properties ?? {})) {
      if (!schema.description) bare.push(`${at}.${name}`);
    }
    for (const [key, child] of Object.entries(node)) walk(child, `${at}/${key}`);
  };
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const { paths: servedPaths, components, tags, info: about } = served as any;
  for (const [path, operations] of Object.entries<object>(servedPaths)) {
    for (const [method, operation] of Object.entries(operations)) {
      if (!operation.summary || !operation.description || operation.tags?.length !== 1) bare.push(`${method} ${path}`);
      for (const { name, description } of operation.parameters ?? []) {
        if (!description) bare.push(`${method} ${path} ${name}`);
      }
      for (const [status, answer] of Object.entries<{ $ref?: string; description?: string }>(operation.responses)) {
        if (!answer.$ref && !answer.description) bare.push(`${method} ${path} ${status}`);
      }
      walk(operation, `${method} ${path}`);
    }
  }
  for (const [name, schema] of Object.entries<{ description?: string; enum?: string[] }>(components.schemas)) {
    if (!schema.description) bare.push(name);
    for (const value of schema.enum ?? []) {
      const said = (schema.description ?? "").split(`- \`${value}\`: `)[1] ?? "";
      if (!/^\w/.test(said)) bare.push(`${name}.${value}`);
    }
    if (name !== "Problem") walk(schema, name);
  }
  for (const { name, description } of tags) if (!description) bare.push(name);
  expect(bare).toEqual([]);
  expect(about.description).toContain("application/problem+json");
});

test("describes streams in both formats, and problems everywhere", () => {
  expect(Object.keys(paths["/v1/ask"].post.responses[200].content)).toEqual([
    "text/event-stream",
    "application/x-ndjson",
  ]);
  for (const path of Object.values(paths)) {
    for (const { responses } of Object.values(path as object)) {
      expect(responses.default).toEqual({ $ref: "#/components/responses/Problem" });
    }
  }
});

test("holds endpoints that are no RPCs", () => {
  expect(paths["/v1/files"].post.operationId).toBe("FileService_UploadFile");
  expect(paths["/v1/files"].get.operationId).toBe("FileService_ListFiles");
  expect(paths["/v1/files/{file_id}/content"].get).toMatchObject({
    security: [],
    parameters: [{ name: "file_id", in: "path", required: true }],
  });
});
