import type { HttpRoute } from "@lyceum/service";
import type { Context } from "../context.ts";
import { avatarNotFound } from "../errors.ts";
import { toAvatarVersion } from "../profile-message.ts";
import { findAvatar } from "../store.ts";
import { callingUser } from "./calling-user.ts";

/** `GET /v1/profiles/{user_id}/avatar`: the picture; conditional (RFC 9110 §13.1.2). */
export const getAvatar = (ctx: Context): HttpRoute => ({
  method: "GET",
  path: "/v1/profiles/{user_id}/avatar",
  access: "user",
  operation,
  async handle({ req, res, params, query, caller }) {
    const userId = params.user_id === "me" ? callingUser(caller) : (params.user_id ?? "");
    const avatar = await findAvatar(ctx.database.db, userId);
    if (!avatar) throw avatarNotFound();
    const etag = `"${avatar.hash}"`;
    // The path with the picture's version never names another one.
    const isVersioned = query.get("v") === toAvatarVersion(avatar.hash);
    const headers = {
      etag,
      "cache-control": isVersioned ? "private, max-age=31536000, immutable" : "private, no-cache",
      "content-type": "image/webp",
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
    };
    if (listsTag(req.headers["if-none-match"], etag)) res.writeHead(304, headers).end();
    else res.writeHead(200, { ...headers, "content-length": avatar.bytes.length }).end(avatar.bytes);
  },
});

function listsTag(list: string | undefined, etag: string): boolean {
  const tags: readonly string[] = list?.match(/"[^"]*"/g) ?? [];
  return list?.trim() === "*" || tags.includes(etag);
}

const operation = {
  operationId: "ProfileService_GetAvatar",
  tags: ["ProfileService"],
  summary: "Someone's avatar",
  description: "As WebP. The ETag is the SHA-256 of its bytes; `me` is the caller.",
  parameters: [
    {
      name: "v",
      in: "query",
      description: "As in `avatarUrl`: the answer may then be kept.",
      schema: { type: "string" },
    },
  ],
  responses: {
    "200": {
      description: "The picture.",
      content: { "image/webp": { schema: { type: "string", format: "binary" } } },
    },
    "304": { description: "Not modified." },
  },
};
