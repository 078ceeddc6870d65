/** Files are limited to this many bytes. */
export const maxFileBytes = 512 * 1024 * 1024;

/** What someone may do with a file: an owner anything, an editor name and share it, a reader read it. */
export type Right = "owner" | "editor" | "reader";

/** Whether this right lets its holder decide who may read the file. */
export const mayShare = (right: Right): boolean => right !== "reader";

/** Whether this right lets its holder change the file's name. */
export const mayEdit = (right: Right): boolean => right !== "reader";

/** How deep folders lie in one another. */
export const maxFolderDepth = 32;

/** How many folders a person may have. */
export const maxFolders = 10_000;

/** In rooms of more members than this, only what is granted to the room counts, not what each member may read. */
export const maxOwnRightsRoom = 200;

/** A person as a grant names them. */
export const principalOfUser = (userId: string): string => `user:${userId}`;

/** A room as a grant names it. */
export const principalOfRoom = (roomId: string): string => `room:${roomId}`;

/** Whoever has a link, as its grant names them. */
export const principalOfLink = (grantId: string): string => `link:${grantId}`;

/** Whom a principal names. Throws for one that the schema does not admit. */
export function readPrincipal(principal: string): { kind: "user" | "room" | "link"; id: string } {
  const [, kind, id = ""] = /^(user|room|link):(.*)$/s.exec(principal) ?? [];
  if (!kind) throw new Error("This is no principal.");
  return { kind: kind as "user" | "room" | "link", id };
}
