import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { readLinkId } from "../content-token.ts";
import { contentUrl } from "../content-url.ts";
import type { Context } from "../context.ts";
import { linkNotValid } from "../errors.ts";
import { findLinkedFile } from "../grant-store.ts";
import { toFileMessage } from "../messages.ts";

export const getLinkedFile =
  (ctx: Context): MethodImpl<typeof FileService.method.getLinkedFile> =>
  async ({ linkId }) => {
    const grantId = readLinkId(ctx.signer, linkId);
    const file = grantId === undefined ? undefined : await findLinkedFile(ctx.database.db, grantId, new Date());
    if (!file) throw linkNotValid();
    return { file: { ...toFileMessage(file, undefined), ownerId: "" }, url: contentUrl(ctx, file.id, linkId) };
  };
