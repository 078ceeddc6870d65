import type { HttpRoute } from "@lyceum/service";
import type { Context } from "../context.ts";
import { downloadFile, headFile } from "./download-file.ts";
import { tusRoutes } from "./tus/tus-routes.ts";
import { uploadFile } from "./upload-file.ts";

/** Every plain HTTP route of files; `npm run generate` describes them in OpenAPI. */
export const httpRoutes = (ctx: Context, idleMs: number): HttpRoute[] => [
  uploadFile(ctx, idleMs),
  downloadFile(ctx),
  headFile(ctx),
  ...tusRoutes(ctx, idleMs),
];
