/** The kind of the job that indexes. */
export const indexKind = "index";

/** Which revision of a file's passages to index. */
export type IndexPayload = { readonly fileId: string; readonly revision: number };
