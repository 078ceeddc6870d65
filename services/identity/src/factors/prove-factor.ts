import type { HandlerContext } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import type { ReauthenticateRequest } from "@lyceum/gen/proto/lyceum/identity/v1/factor_pb.ts";
import type { Context } from "../context.ts";
import { noteOwnAct } from "../own-act.ts";
import type { AuthMethod } from "../session.ts";
import { lockTotp, takeRecoveryCode, takeTotpStep } from "./factor-store.ts";
import { usePasskey } from "./passkeys.ts";
import { hashRecoveryCode } from "./recovery-code.ts";
import { checkTotp } from "./totp.ts";

/** A second factor as a request brings it. */
export type FactorProof = Exclude<ReauthenticateRequest["proof"], { case: "password" } | { case: undefined }>;

/** Checks a person's second factor and uses it up; undefined for a wrong one. */
export async function proveFactor(
  ctx: Context,
  tx: Transaction,
  call: HandlerContext,
  { userId, proof }: { userId: string; proof: FactorProof },
  now: Date,
): Promise<AuthMethod | undefined> {
  switch (proof.case) {
    case "totpCode":
      return (await proveTotp(ctx, tx, userId, proof.value, now)) ? "otp" : undefined;
    case "recoveryCode":
      if (!(await takeRecoveryCode(tx, userId, hashRecoveryCode(proof.value)))) return undefined;
      await noteOwnAct(tx, call, { event: "recovery-code-used", userId });
      return "recovery";
    case "passkey":
      return (await usePasskey(tx, ctx.publicUrl, proof.value, now))?.id === userId ? "hwk" : undefined;
  }
}

async function proveTotp(ctx: Context, tx: Transaction, userId: string, code: string, now: Date): Promise<boolean> {
  const factor = await lockTotp(tx, userId);
  if (!factor?.confirmTime) return false;
  const step = checkTotp(ctx.sealing.open(factor.secret, userId), code, now, factor.lastStep);
  if (step !== undefined) await takeTotpStep(tx, userId, step, now);
  return step !== undefined;
}
