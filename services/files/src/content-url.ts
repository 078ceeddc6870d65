import type { Context } from "./context.ts";

/** The URL under which whoever has this token gets a file's content. */
export const contentUrl = ({ publicUrl }: Pick<Context, "publicUrl">, fileId: string, token: string): string =>
  `${publicUrl}/v1/files/${fileId}/content?token=${token}`;
