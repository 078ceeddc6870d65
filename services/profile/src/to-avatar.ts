import type { Sharp } from "sharp";
import { avatarDamaged, avatarsBusy, avatarsUnavailable, avatarTooManyPixels, avatarUnsupported } from "./errors.ts";
import { createLane } from "./lane.ts";

/** The longer side of a stored avatar. */
const maxSidePixels = 512;
/** Unpacked, a picture of this many pixels takes 64 MB; a small file may claim any number. */
const maxPixels = 16_000_000;
const timeoutSeconds = 10;

/** Pictures are unpacked one by one, so that many together take no more memory than one. */
const lane = createLane(32, avatarsBusy);

/**
 * The picture as WebP of at most 512 pixels a side, upright and without what a camera wrote into it; of an animation the first
 * frame. Throws `invalid_argument` for what is no PNG, JPEG, WebP or GIF, is damaged or has too many pixels.
 */
export function toAvatar(picture: Uint8Array): Promise<Uint8Array> {
  if (!isPicture(picture)) throw avatarUnsupported();
  return lane(async () => {
    const open = await loadSharp().catch((error) => Promise.reject(avatarsUnavailable(error)));
    const size = await open(picture)
      .metadata()
      .catch((error) => Promise.reject(avatarDamaged(error)));
    if (size.width * size.height > maxPixels) throw avatarTooManyPixels(maxPixels);
    return open(picture)
      .autoOrient()
      .resize(maxSidePixels, maxSidePixels, { fit: "inside", withoutEnlargement: true })
      .webp({ quality: 82 })
      .timeout({ seconds: timeoutSeconds })
      .toBuffer()
      .catch((error) => Promise.reject(avatarDamaged(error)));
  });
}

let loaded: Promise<(picture: Uint8Array) => Sharp> | undefined;

/** The decoder is a native library: it is there for those who need it, and knows only the kinds of picture that are taken. */
function loadSharp(): Promise<(picture: Uint8Array) => Sharp> {
  loaded ??= import("sharp").then(({ default: sharp }) => {
    sharp.concurrency(1);
    sharp.cache(false);
    sharp.block({ operation: ["VipsForeignLoad"] });
    sharp.unblock({ operation: ["Png", "Jpeg", "Webp", "Nsgif"].map((kind) => `VipsForeignLoad${kind}Buffer`) });
    return (picture) => sharp(picture, { failOn: "error", limitInputPixels: false });
  });
  return loaded;
}

const signatures = ["\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF87a", "GIF89a"];

/** Told from the first bytes. */
function isPicture(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  const isWebp = start.startsWith("RIFF") && start.endsWith("WEBP");
  return isWebp || signatures.some((signature) => start.startsWith(signature));
}
