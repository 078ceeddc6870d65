import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { toPasskeyMessage } from "../factors/passkey-message.ts";
import { listPasskeys as listRows } from "../factors/passkey-store.ts";

export const listPasskeys =
  (ctx: Context): MethodImpl<typeof IdentityService.method.listPasskeys> =>
  async (_req, call) => ({
    passkeys: (await listRows(ctx.database.db, personOf(call).userId)).map(toPasskeyMessage),
  });
