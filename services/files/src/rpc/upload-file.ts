import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import type {
  FileService,
  UploadFileMetadata,
  UploadFileRequest,
} from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import { checkName } from "../check-name.ts";
import type { Context } from "../context.ts";
import { malformedUpload } from "../errors.ts";
import { maxFileBytes } from "../file.ts";
import { toFileMessage } from "../messages.ts";
import { storeUpload } from "../store-upload.ts";
import { untilStalled } from "../until-stalled.ts";

/** An upload of which no message arrives for `idleMs` ends. */
export const uploadFile =
  (ctx: Context, idleMs: number): MethodImpl<typeof FileService.method.uploadFile> =>
  async (requests, call) => {
    const { userId: ownerId } = personOf(call);
    const messages = untilStalled(requests, idleMs);
    try {
      const { name, folderId, sizeBytes } = await readMetadata(messages);
      const upload = {
        name: checkName(name),
        folderId,
        sizeBytes: sizeBytes === undefined ? undefined : Number(sizeBytes),
        bytes: readChunks(messages, sizeBytes, call),
      };
      const file = await storeUpload(ctx, upload, { ownerId, limitBytes: maxFileBytes, signal: call.signal });
      return { file: toFileMessage(file, ownerId) };
    } finally {
      await messages.return(undefined);
    }
  };

async function readMetadata(messages: AsyncGenerator<UploadFileRequest>): Promise<UploadFileMetadata> {
  const first = await messages.next();
  if (first.done || first.value.part.case !== "metadata")
    throw malformedUpload("The first message brings the metadata.");
  return first.value.part.value;
}

async function* readChunks(
  messages: AsyncGenerator<UploadFileRequest>,
  announced: bigint | undefined,
  call: HandlerContext,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0n;
  for (let next = await messages.next(); !next.done; next = await messages.next()) {
    const { part } = next.value;
    if (part.case !== "chunk") throw malformedUpload("Only the first message brings metadata.");
    sizeBytes += BigInt(part.value.length);
    yield part.value;
  }
  // A stream that is reset between two messages ends like a complete one.
  call.signal.throwIfAborted();
  if (announced !== undefined && announced !== sizeBytes) {
    throw malformedUpload(`The upload has ${sizeBytes} bytes instead of ${announced}.`);
  }
}
