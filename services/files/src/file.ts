/** Files are limited to this many bytes. */
export const maxFileBytes = 512 * 1024 * 1024;

/** What someone may do with a file: an owner anything, an editor share it, a reader read it. */
export type Right = "owner" | "editor" | "reader";

/** Whether this right lets its holder decide who may read the file. */
export const mayShare = (right: Right): boolean => right !== "reader";

/** Whom a person acts as when a file's grants are read. */
export const principalsOf = (userId: string): string[] => [`user:${userId}`];

/** The account id in the principal `user:<id>`. */
export const userIdOf = (principal: string): string => principal.slice("user:".length);
