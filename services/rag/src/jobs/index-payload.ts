/** The kind of the job that makes a document's words searchable. */
export const indexKind = "index";

/** The kind of the job that follows it and adds the vectors. */
export const embedKind = "embed";

/** Which revision of a file's passages to index. */
export type IndexPayload = { readonly fileId: string; readonly revision: number };
