import { randomBytes } from "node:crypto";
import type { Context } from "../context.ts";
import { providerNotFound, providerRefused } from "../errors.ts";
import { type Claimed, hashFlow, type Provider } from "./provider.ts";
import { insertFlow, takeFlow } from "./provider-store.ts";

const lifetimeMs = 600_000;

/** Sends a person to a provider: to sign in, or, if `userId` says who they are, to link an account there. */
export async function beginFlow(
  ctx: Context,
  { providerId, returnTo, userId }: { providerId: string; returnTo: string; userId?: string },
): Promise<{ authorizationUrl: string; flowToken: string }> {
  const provider = findProvider(ctx, providerId);
  const flowToken = randomBytes(32).toString("base64url");
  const authorizationUrl = await provider.authorizationUrl(flowToken);
  const expireTime = new Date(Date.now() + lifetimeMs);
  const flow = { hash: hashFlow(flowToken), providerId, returnTo, userId: userId ?? null, expireTime };
  await insertFlow(ctx.database.db, flow);
  return { authorizationUrl, flowToken };
}

/** Takes a person back from a provider, once. */
export async function endFlow(
  ctx: Context,
  { flowToken, callbackQuery, userId }: { flowToken: string; callbackQuery: string; userId?: string },
): Promise<{ claimed: Claimed; providerId: string; returnTo: string }> {
  const flow = await takeFlow(ctx.database.db, { hash: hashFlow(flowToken), userId }, new Date());
  if (!flow) throw providerRefused();
  const claimed = await findProvider(ctx, flow.providerId).redeem(flowToken, callbackQuery);
  return { claimed, providerId: flow.providerId, returnTo: flow.returnTo };
}

function findProvider({ providers }: Context, providerId: string): Provider {
  const provider = providers.find(({ id }) => id === providerId);
  if (!provider) throw providerNotFound();
  return provider;
}
