import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { findFactors } from "../factors/factor-store.ts";

export const getFactors =
  (ctx: Context): MethodImpl<typeof IdentityService.method.getFactors> =>
  async (_req, call) => {
    const { password, totp, recoveryCodes, passkeys } = await findFactors(ctx.database.db, personOf(call).userId);
    return { password, totp, recoveryCodes, passkeys };
  };
