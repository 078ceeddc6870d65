import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import { checkName } from "../check-name.ts";
import type { Context } from "../context.ts";
import { makeFolder } from "../folders.ts";
import { toFolderMessage } from "../messages.ts";

export const createFolder =
  (ctx: Context): MethodImpl<typeof FileService.method.createFolder> =>
  async ({ name, parentId }, call) => {
    const { userId } = personOf(call);
    const wanted = { name: checkName(name), parentId };
    const folder = await ctx.database.transaction((tx) => makeFolder(tx, userId, wanted));
    return { folder: toFolderMessage(folder) };
  };
