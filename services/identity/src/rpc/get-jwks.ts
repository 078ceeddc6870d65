import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { publishedMs } from "../signing-keys.ts";
import { listPublicKeys } from "../store.ts";

export const getJwks =
  (ctx: Context): MethodImpl<typeof IdentityService.method.getJwks> =>
  async () => {
    const keys = await listPublicKeys(ctx.database.db, new Date(Date.now() - publishedMs));
    return {
      keys: keys.map(({ kid, publicKey }) => ({
        kty: "OKP",
        crv: "Ed25519",
        x: publicKey,
        kid,
        alg: "EdDSA",
        use: "sig",
      })),
    };
  };
