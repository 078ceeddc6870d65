import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ParseFailure } from "../parsers/failure.ts";
import type { ParseLimits } from "../parsers/parsed.ts";
import type { ParsingLimits } from "./limits.ts";
import { type OnProgress, ParseChild } from "./parse-child.ts";
import type { ParsedFile } from "./parsed-file.ts";

/** A file to read. */
export type FileToParse = {
  readonly ownerId: string;
  readonly mediaType: string;
  readonly content: AsyncIterable<Uint8Array>;
};

/** Reads files in child processes: as many at once as are asked for. */
export interface ParserPool extends AsyncDisposable {
  /** Throws ParseFailure for what is the file's fault; an error of `content` or of the signal comes through as it is. */
  parse(file: FileToParse, onProgress: OnProgress, signal: AbortSignal): Promise<ParsedFile>;
}

/** The child the product runs. */
export const parseChildEntry: URL = new URL("../parse-child/main.ts", import.meta.url);

/**
 * Opens a pool that keeps files below `folder` while they are read. One child is kept warm for a while, and used again only
 * for files of the same owner: no child ever sees two people's.
 */
export async function openParserPool(folder: string, limits: ParsingLimits, entry: URL): Promise<ParserPool> {
  // What a killed process left behind.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const busy = new Set<ParseChild>();
  let idle: { child: ParseChild; timer: NodeJS.Timeout } | undefined;

  const takeIdle = (): ParseChild | undefined => {
    if (!idle) return undefined;
    clearTimeout(idle.timer);
    const { child } = idle;
    idle = undefined;
    child.setIdle(false);
    return child;
  };
  const take = async (ownerId: string): Promise<ParseChild> => {
    const child = takeIdle();
    if (child?.isFit && child.owner === ownerId) return child;
    if (child) await end(child);
    return ParseChild.start(entry, ownerId, await mkdtemp(join(folder, "child-")), limits);
  };
  const giveBack = async (child: ParseChild): Promise<void> => {
    if (!child.isFit || idle) return end(child);
    const timer = setTimeout(() => {
      const unused = takeIdle();
      if (unused) void end(unused);
    }, limits.idleMs).unref();
    child.setIdle(true);
    idle = { child, timer };
  };
  const end = async (child: ParseChild): Promise<void> => {
    child.kill();
    await rm(child.folder, { recursive: true, force: true });
  };

  return {
    async parse({ ownerId, mediaType, content }, onProgress, signal) {
      const child = await take(ownerId);
      busy.add(child);
      const path = join(child.folder, "input");
      try {
        await pipeline(content, limitBytes(limits.maxFileBytes), createWriteStream(path), { signal });
        return await child.parse({ path, mediaType, limits: toParseLimits(limits) }, onProgress, signal);
      } finally {
        busy.delete(child);
        await rm(path, { force: true });
        await giveBack(child);
      }
    },
    async [Symbol.asyncDispose]() {
      const unused = takeIdle();
      await Promise.all([...busy, ...(unused ? [unused] : [])].map(end));
    },
  };
}

function toParseLimits(limits: ParsingLimits): ParseLimits {
  const { maxPages, maxChars, pagesPerSlice, maxInflatedBytes, maxArchiveEntries } = limits;
  return { maxPages, maxChars, pagesPerSlice, maxInflatedBytes, maxArchiveEntries };
}

function limitBytes(maxBytes: number) {
  return async function* (chunks: AsyncIterable<Uint8Array>) {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new ParseFailure("TOO_LARGE");
      yield chunk;
    }
  };
}
