import type { Signer } from "./signer.ts";

/** What a content token, the `token` of a content URL, stands for: a person's own right for a while, or a link. */
export type ContentToken =
  | { readonly kind: "download"; readonly userId: string }
  | { readonly kind: "link"; readonly grantId: string };

/** The token by which whoever has it reads a file as this person may, until `expireTime`. */
export function writeDownloadToken(
  signer: Signer,
  { fileId, userId, expireTime }: { fileId: string; userId: string; expireTime: Date },
): string {
  const expireS = Math.floor(expireTime.getTime() / 1000);
  return `${expireS}.${userId}.${signer.sign(toDownloadText(fileId, userId, expireS))}`;
}

/** The id of a link, which is the token of its content as well. It is made from its grant, so that it is kept nowhere. */
export const writeLinkId = (signer: Signer, grantId: string): string =>
  `${grantId}.${signer.sign(toLinkText(grantId))}`;

/** The grant of a link; undefined for an id that was not given out here. */
export function readLinkId(signer: Signer, linkId: string): string | undefined {
  const [, grantId = "", mac = ""] = /^([\w-]+)\.([\w-]+)$/.exec(linkId) ?? [];
  return signer.verify(toLinkText(grantId), mac) ? grantId : undefined;
}

/** Reads the token of a URL of this file's content; undefined if it is none, or none any more. */
export function readContentToken(signer: Signer, fileId: string, token: string, now: Date): ContentToken | undefined {
  const grantId = readLinkId(signer, token);
  if (grantId !== undefined) return { kind: "link", grantId };
  const [, expireS = "", userId = "", mac = ""] = /^(\d{1,12})\.([\w-]+)\.([\w-]+)$/.exec(token) ?? [];
  if (!signer.verify(toDownloadText(fileId, userId, Number(expireS)), mac)) return undefined;
  return Number(expireS) * 1000 > now.getTime() ? { kind: "download", userId } : undefined;
}

// The first word keeps a signature of one kind from passing for one of the other.
const toDownloadText = (fileId: string, userId: string, expireS: number) => `download ${fileId} ${userId} ${expireS}`;
const toLinkText = (grantId: string) => `link ${grantId}`;
