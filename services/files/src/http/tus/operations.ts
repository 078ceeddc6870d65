import { maxFileBytes } from "../../file.ts";

const tags = ["FileService"];
const header = (name: string, description: string, required = false) => ({
  name,
  in: "header",
  description,
  ...(required && { required }),
  schema: { type: "string" },
});
const version = header("Tus-Resumable", "The version of tus, `1.0.0`.", true);
const uploadId = {
  name: "upload_id",
  in: "path",
  required: true,
  description: "The upload's id, the last part of its `Location`.",
  schema: { type: "string" },
};
const checksum = header(
  "Upload-Checksum",
  "`sha1`, `sha256` or `md5`, a space, and the checksum of the body in base64.",
);
const stream = {
  content: { "application/offset+octet-stream": { schema: { type: "string", format: "binary" } } },
};
const offset = { "Upload-Offset": { description: "How many bytes are stored.", schema: { type: "string" } } };
const fileId = {
  "Lyceum-File-Id": { description: "The file, once all bytes are there.", schema: { type: "string" } },
};

export const capabilities = {
  operationId: "FileService_GetUploadCapabilities",
  tags,
  summary: "What resumable uploads can do",
  responses: { "204": { description: "`Tus-Version`, `Tus-Extension`, `Tus-Max-Size` and `Tus-Checksum-Algorithm`." } },
};

export const begin = {
  operationId: "FileService_BeginUpload",
  tags,
  summary: "Begins a resumable upload",
  description:
    `By tus 1.0 (https://tus.io), with a body at once or without. At most ${maxFileBytes} bytes; room for all of them is set ` +
    "aside. An upload that nothing comes of for a day is forgotten.",
  parameters: [
    version,
    header("Upload-Length", "How many bytes there will be.", true),
    header(
      "Upload-Metadata",
      "`filename`, and `folderId` for a folder; other keys are kept and told again. May be empty.",
    ),
    checksum,
  ],
  requestBody: stream,
  responses: {
    "201": {
      description: "The upload is at `Location`.",
      headers: { Location: { description: "The upload.", schema: { type: "string" } }, ...offset, ...fileId },
    },
  },
};

export const ask = {
  operationId: "FileService_GetUpload",
  tags,
  summary: "How far a resumable upload has come",
  parameters: [uploadId, version],
  responses: { "200": { description: "The offset to go on from.", headers: { ...offset, ...fileId } } },
};

export const add = {
  operationId: "FileService_AddToUpload",
  tags,
  summary: "Adds bytes to a resumable upload",
  description:
    "What arrives is kept even if the connection breaks. A wrong offset is 409, more bytes than announced 413, a body with " +
    "another checksum 460 and not kept, another request writing the same upload 423.",
  parameters: [uploadId, version, header("Upload-Offset", "How many bytes are stored already.", true), checksum],
  requestBody: { required: true, ...stream },
  responses: { "204": { description: "They are stored.", headers: { ...offset, ...fileId } } },
};

export const end = {
  operationId: "FileService_EndUpload",
  tags,
  summary: "Gives a resumable upload up",
  description: "What came of it is erased. One that has become a file is refused: delete the file.",
  parameters: [uploadId, version],
  responses: { "204": { description: "It is forgotten." } },
};
