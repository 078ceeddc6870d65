import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { beginPasskeyUse } from "../factors/passkeys.ts";

export const beginPasskeySignIn =
  (ctx: Context): MethodImpl<typeof IdentityService.method.beginPasskeySignIn> =>
  async () => ({ options: await beginPasskeyUse(ctx.database.db, ctx.publicUrl, new Date()) });
