import { createHash } from "node:crypto";
import { create, toJson } from "@bufbuild/protobuf";
import { profileUpdated } from "@lyceum/gen/events/lyceum/profile/v1/profile_updated.ts";
import { UpdateProfileResponseSchema } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import type { HttpCall, HttpRoute } from "@lyceum/service";
import type { Context } from "../context.ts";
import { ensureProfiles } from "../ensure-profiles.ts";
import { profileNotFound } from "../errors.ts";
import { toProfileMessage } from "../profile-message.ts";
import { lockProfile, storeAvatar } from "../store.ts";
import { toAvatar } from "../to-avatar.ts";
import { callingUser } from "./calling-user.ts";
import { readPicture } from "./read-picture.ts";

/** What an avatar may weigh, as it comes in and as it is kept. */
export const maxAvatarBytes = 256 * 1024;
const uploadTimeoutMs = 60_000;

/** `PUT /v1/profiles/me/avatar`: the body is the caller's new avatar. */
export const putAvatar = (ctx: Context): HttpRoute => ({
  method: "PUT",
  path: "/v1/profiles/me/avatar",
  access: "user",
  operation: putOperation,
  async handle(call) {
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(uploadTimeoutMs)]);
    const bytes = await toAvatar(await readPicture(call.req, maxAvatarBytes, signal));
    await change(ctx, call, { bytes, hash: createHash("sha256").update(bytes).digest("hex") });
  },
});

/** `DELETE /v1/profiles/me/avatar`: the caller has no avatar any more. */
export const deleteAvatar = (ctx: Context): HttpRoute => ({
  method: "DELETE",
  path: "/v1/profiles/me/avatar",
  access: "user",
  operation: deleteOperation,
  handle: (call) => change(ctx, call, undefined),
});

async function change(
  ctx: Context,
  { res, caller, signal }: HttpCall,
  avatar: { bytes: Uint8Array; hash: string } | undefined,
): Promise<void> {
  const userId = callingUser(caller);
  await ensureProfiles(ctx, [userId], { signal, onBehalfOf: userId });
  const profile = await ctx.database.transaction(async (tx) => {
    const current = await lockProfile(tx, userId);
    if (!current) throw profileNotFound();
    if (current.avatarHash === (avatar?.hash ?? "")) return current;
    const updated = await storeAvatar(tx, userId, avatar, new Date());
    await ctx.events.append(tx, profileUpdated({ userId, version: updated.version }));
    return updated;
  });
  const answer = create(UpdateProfileResponseSchema, { profile: toProfileMessage(profile, userId) });
  res.writeHead(200, { "content-type": "application/json" });
  res.end(JSON.stringify(toJson(UpdateProfileResponseSchema, answer, { alwaysEmitImplicit: true })));
}

const answers = {
  "200": {
    description: "The profile.",
    content: {
      "application/json": { schema: { $ref: "#/components/schemas/lyceum.profile.v1.UpdateProfileResponse" } },
    },
  },
};

const putOperation = {
  operationId: "ProfileService_PutAvatar",
  tags: ["ProfileService"],
  summary: "Sets one's avatar",
  description:
    `The body is a PNG, JPEG, WebP or GIF picture of at most ${maxAvatarBytes} bytes; what it is, is told from its bytes. It is kept ` +
    "as WebP of at most 512 pixels a side, without the place and time a camera wrote into it; of an animation the first frame.",
  requestBody: { required: true, content: { "image/*": { schema: { type: "string", format: "binary" } } } },
  responses: answers,
};

const deleteOperation = {
  operationId: "ProfileService_DeleteAvatar",
  tags: ["ProfileService"],
  summary: "Takes one's avatar away",
  description: "Without one, nothing changes.",
  responses: answers,
};
