import type { IncomingMessage, ServerResponse } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import { createPathMatcher } from "@lyceum/rest";
import { sessionHeader } from "@lyceum/service";
import { hostOf } from "./host-of.ts";

/** Answers a request that belongs to another origin, and then is true. Throws `not_found` for what is not at this one. */
export type FilesOrigin = (req: IncomingMessage, res: ServerResponse, path: string) => boolean;

const isContent = createPathMatcher("/v1/files/{file_id}/content");

/**
 * Keeps people's files off the origin of the page and the API. Their own origin has nothing but them; from any other one, a
 * browser that follows a link is sent there. Programs and scripts, told by a header that no link sends, get them anywhere.
 */
export function createFilesOrigin(origin: string | undefined): FilesOrigin {
  if (origin === undefined) return () => false;
  const { host } = new URL(origin);
  return (req, res, path) => {
    if (hostOf(req) === host) {
      // Nobody is signed in there, whatever else is served under the same name.
      delete req.headers.cookie;
      if (isContent(path)) return false;
      throw new ConnectError(`There is no ${path}.`, Code.NotFound);
    }
    const isRead = req.method === "GET" || req.method === "HEAD";
    const isLink = req.headers.authorization === undefined && req.headers[sessionHeader] === undefined;
    if (!isContent(path) || !isRead || !isLink) return false;
    res.writeHead(307, { location: origin + req.url, "cache-control": "no-store", "content-length": 0 }).end();
    return true;
  };
}
