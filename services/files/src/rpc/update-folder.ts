import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import { checkName } from "../check-name.ts";
import type { Context } from "../context.ts";
import { changeFolder } from "../folders.ts";
import { toFolderMessage } from "../messages.ts";

export const updateFolder =
  (ctx: Context): MethodImpl<typeof FileService.method.updateFolder> =>
  async ({ folderId, name, parentId }, call) => {
    const { userId } = personOf(call);
    const change = { name: name === undefined ? undefined : checkName(name), parentId };
    const folder = await ctx.database.transaction((tx) => changeFolder(tx, userId, folderId, change));
    return { folder: toFolderMessage(folder) };
  };
