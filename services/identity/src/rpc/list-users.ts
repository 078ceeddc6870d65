import type { MethodImpl } from "@connectrpc/connect";
import type { AdminService } from "@lyceum/gen/proto/lyceum/identity/v1/admin_service_pb.ts";
import { listManagedUsers } from "../admin-store.ts";
import type { Context } from "../context.ts";
import { readIdPage, toIdPage } from "../id-page.ts";
import { toManagedUserMessage } from "../managed-user-message.ts";

export const listUsers =
  (ctx: Context): MethodImpl<typeof AdminService.method.listUsers> =>
  async (req) => {
    const { limit, after } = readIdPage(req);
    const filter = { query: req.query || undefined, role: req.role || undefined, suspended: req.suspended };
    const found = await listManagedUsers(ctx.database.db, filter, { after, limit: limit + 1 });
    const { page, nextPageToken } = toIdPage(
      found.map((row) => ({ id: row.user.id, row })),
      limit,
    );
    return { users: page.map(({ row }) => toManagedUserMessage(row)), nextPageToken };
  };
