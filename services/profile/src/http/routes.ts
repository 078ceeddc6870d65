import type { HttpRoute } from "@lyceum/service";
import type { Context } from "../context.ts";
import { deleteAvatar, putAvatar } from "./change-avatar.ts";
import { getAvatar } from "./get-avatar.ts";

/** Every plain HTTP route of profile; `npm run generate` describes them in OpenAPI. */
export const httpRoutes = (ctx: Context): HttpRoute[] => [putAvatar(ctx), deleteAvatar(ctx), getAvatar(ctx)];
