import type { Readable } from "node:stream";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { decodeText } from "./decode.ts";
import { ParseFailure } from "./failure.ts";
import type { ParseLimits } from "./parsed.ts";

/** A zip that holds a document. Names are compared without case, as office programs do. */
export interface Archive {
  has(name: string): boolean;
  /** Bytes of one entry; nothing if there is none. Throws ParseFailure ENCRYPTED, CORRUPT or TOO_LARGE. */
  read(name: string): AsyncIterable<Uint8Array>;
  /** One entry as text, in UTF-8 or UTF-16; empty if there is none. Throws ParseFailure as `read` does. */
  readText(name: string): Promise<string>;
}

/**
 * Opens a zip. All that is read from it counts against `maxInflatedBytes`, whatever the zip says of itself, and archives
 * inside it are never opened, so that no bomb goes off. Throws ParseFailure CORRUPT or TOO_LARGE.
 */
export async function openArchive(bytes: Uint8Array, limits: ParseLimits): Promise<Archive> {
  const zip = await orCorrupt(() => fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  if (zip.entryCount > limits.maxArchiveEntries) throw new ParseFailure("TOO_LARGE");
  const entries = await orCorrupt(() => listEntries(zip));
  let bytesLeft = limits.maxInflatedBytes;

  async function* read(name: string): AsyncGenerator<Uint8Array> {
    const entry = entries.get(name.toLowerCase());
    if (!entry) return;
    if (entry.isEncrypted()) throw new ParseFailure("ENCRYPTED");
    if (entry.uncompressedSize > bytesLeft) throw new ParseFailure("TOO_LARGE");
    for await (const chunk of inflate(zip, entry)) {
      bytesLeft -= chunk.length;
      if (bytesLeft < 0) throw new ParseFailure("TOO_LARGE");
      yield chunk;
    }
  }

  return {
    has: (name) => entries.has(name.toLowerCase()),
    read,
    readText: async (name) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of read(name)) chunks.push(chunk);
      return decodeText(Buffer.concat(chunks), limits.maxChars);
    },
  };
}

async function listEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName.toLowerCase(), entry);
  return entries;
}

async function* inflate(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  let stream: Readable | undefined;
  try {
    stream = await zip.openReadStreamPromise(entry);
    yield* stream;
  } catch (error) {
    throw new ParseFailure("CORRUPT", { cause: error });
  } finally {
    stream?.destroy();
  }
}

async function orCorrupt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ParseFailure("CORRUPT", { cause: error });
  }
}
