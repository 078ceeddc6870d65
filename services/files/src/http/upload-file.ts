import { create, toJson } from "@bufbuild/protobuf";
import { GetFileResponseSchema } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import type { HttpRoute } from "@lyceum/service";
import type { Context } from "../context.ts";
import { maxFileBytes } from "../file.ts";
import { toFileMessage } from "../messages.ts";
import { storeUpload } from "../store-upload.ts";
import { callingUser } from "./calling-user.ts";
import { readUpload } from "./read-upload.ts";

/**
 * `POST /v1/files?name=`: stores the body, or the field `file` of a multipart form, as a new file of the caller. An upload of
 * which no byte arrives for `idleMs` ends.
 */
export const uploadFile = (ctx: Context, idleMs: number): HttpRoute => ({
  method: "POST",
  path: "/v1/files",
  access: "user",
  operation: uploadOperation,
  async handle({ req, res, query, caller, signal }) {
    const options = { ownerId: callingUser(caller), limitBytes: maxFileBytes, idleMs, signal };
    const row = await storeUpload(ctx, await readUpload(req, query, options), options);
    const answer = create(GetFileResponseSchema, { file: toFileMessage(row, row.ownerId) });
    res.writeHead(201, { "content-type": "application/json", location: `/v1/files/${row.id}` });
    res.end(JSON.stringify(toJson(GetFileResponseSchema, answer, { alwaysEmitImplicit: true })));
  },
});

const binary = { schema: { type: "string", format: "binary" } };

const uploadOperation = {
  operationId: "FileService_UploadFile",
  tags: ["FileService"],
  summary: "Stores a file",
  description:
    "The body is the file, or a multipart form whose field `file` is. The file is visible once all of it is stored. " +
    `At most ${maxFileBytes} bytes; what it is, is told from its bytes, not from the request.`,
  parameters: [
    {
      name: "name",
      in: "query",
      description: "The file's name, 1 to 255 characters; a form's file may bring its own.",
      schema: { type: "string" },
    },
    {
      name: "folderId",
      in: "query",
      description: "The folder to put it in; empty for the top level.",
      schema: { type: "string" },
    },
  ],
  requestBody: {
    required: true,
    content: {
      "application/octet-stream": binary,
      "multipart/form-data": {
        schema: {
          type: "object",
          required: ["file"],
          properties: { file: { ...binary.schema, description: "The file." } },
        },
      },
    },
  },
  responses: {
    "201": {
      description: "The file.",
      content: { "application/json": { schema: { $ref: "#/components/schemas/lyceum.files.v1.GetFileResponse" } } },
    },
  },
};
