import { fromJsonString } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { retryRefused } from "./authenticate.ts";
import { type Profile, UpdateProfileResponseSchema } from "./contract.ts";
import { toConnectError } from "./http-error.ts";
import type { LyceumSession } from "./session.ts";

type Origin = { readonly baseUrl: string; readonly session: LyceumSession };

/** What profile takes at most, and the longer side of what it keeps. */
const maxAvatarBytes = 256 * 1024;
const maxSidePixels = 512;

/** PUT or DELETE /v1/profiles/me/avatar: the caller's picture from now on, or none. Browsers make a large one smaller first. */
export async function setAvatar({ baseUrl, session }: Origin, picture: Blob | undefined): Promise<Profile> {
  const body = picture && (await shrink(picture));
  return retryRefused(session, async (proof) => {
    const res = await fetch(`${baseUrl}/v1/profiles/me/avatar`, {
      method: body ? "PUT" : "DELETE",
      headers: { ...proof?.headers },
      ...(body && { body }),
    });
    const text = await res.text();
    if (!res.ok) throw toConnectError(res.status, text);
    const { profile } = fromJsonString(UpdateProfileResponseSchema, text, { ignoreUnknownFields: true });
    if (!profile) throw new ConnectError("The answer holds no profile.", Code.Internal);
    return profile;
  });
}

/** The picture at a profile's `avatarUrl`; an `img` could not send the token along. */
export function fetchAvatar({ baseUrl, session }: Origin, avatarUrl: string, signal?: AbortSignal): Promise<Blob> {
  return retryRefused(session, async (proof) => {
    const res = await fetch(`${baseUrl}${avatarUrl}`, { headers: { ...proof?.headers }, ...(signal && { signal }) });
    if (!res.ok) throw toConnectError(res.status, await res.text());
    return res.blob();
  });
}

/** What cannot be made smaller here is sent as it is, for profile to say what is wrong with it. */
async function shrink(picture: Blob): Promise<Blob> {
  if (picture.size <= maxAvatarBytes || typeof OffscreenCanvas === "undefined") return picture;
  const bitmap = await createImageBitmap(picture).catch(() => undefined);
  if (!bitmap) return picture;
  const scale = Math.min(1, maxSidePixels / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.ceil(bitmap.width * scale), Math.ceil(bitmap.height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  // Safari writes PNG where it cannot write WebP.
  return canvas.convertToBlob({ type: "image/webp", quality: 0.9 });
}
