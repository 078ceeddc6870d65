import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { listLinks } from "../providers/provider-store.ts";

export const listLinkedProviders =
  (ctx: Context): MethodImpl<typeof IdentityService.method.listLinkedProviders> =>
  async (_req, call) => {
    const links = await listLinks(ctx.database.db, personOf(call).userId);
    return {
      linkedProviders: links.map(({ providerId, linkTime }) => ({ providerId, linkTime: timestampFromDate(linkTime) })),
    };
  };
