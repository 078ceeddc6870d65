import { Code, type ConnectError } from "@connectrpc/connect";
import { fail } from "@lyceum/service";

/** Nobody has this id. */
export const profileNotFound = (): ConnectError => fail(Code.NotFound, "PROFILE_NOT_FOUND", "There is no such person.");

/** The change was meant for another version of the profile. */
export const profileChanged = (): ConnectError =>
  fail(Code.Aborted, "PROFILE_CHANGED", "The profile has changed meanwhile: read it anew.");

/** The person has blocked as many people as anybody may. */
export const tooManyBlocked = (limit: number): ConnectError =>
  fail(Code.ResourceExhausted, "TOO_MANY_BLOCKED", `At most ${limit} people can be blocked.`);

/** This person has no avatar, or there is no such person. */
export const avatarNotFound = (): ConnectError => fail(Code.NotFound, "AVATAR_NOT_FOUND", "There is no such avatar.");

/** More bytes than an avatar may have. */
export const avatarTooLarge = (limitBytes: number): ConnectError =>
  fail(Code.ResourceExhausted, "AVATAR_TOO_LARGE", `Avatars are limited to ${limitBytes / 1024} KiB.`, {
    limitBytes: String(limitBytes),
  });

/** Not one of the kinds of picture that are taken. */
export const avatarUnsupported = (): ConnectError =>
  fail(Code.InvalidArgument, "AVATAR_UNSUPPORTED", "An avatar is a PNG, JPEG, WebP or GIF picture.");

/** The bytes begin as a picture, but are none that can be read. */
export const avatarDamaged = (cause?: unknown): ConnectError =>
  Object.assign(fail(Code.InvalidArgument, "AVATAR_DAMAGED", "This picture is damaged."), { cause });

/** More pixels than are worth unpacking. */
export const avatarTooManyPixels = (limitPixels: number): ConnectError =>
  fail(
    Code.InvalidArgument,
    "AVATAR_TOO_MANY_PIXELS",
    `Avatars are limited to ${limitPixels / 1_000_000} million pixels.`,
    {
      limitPixels: String(limitPixels),
    },
  );

/** The body is compressed, broke off, or took too long. */
export const malformedAvatar = (message: string): ConnectError =>
  fail(Code.InvalidArgument, "MALFORMED_AVATAR", message);

/** Too many pictures wait to be unpacked. */
export const avatarsBusy = (): ConnectError =>
  fail(Code.ResourceExhausted, "AVATARS_BUSY", "Too many avatars are being read. Try again in a moment.");

/** The decoder is not there for this platform. */
export const avatarsUnavailable = (cause: unknown): ConnectError =>
  Object.assign(fail(Code.Unavailable, "AVATARS_UNAVAILABLE", "Avatars cannot be read on this machine."), { cause });
