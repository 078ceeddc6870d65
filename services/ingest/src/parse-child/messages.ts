import type { HeadingStep } from "../headings.ts";
import type { FailureReason } from "../parsers/failure.ts";
import type { ParseLimits } from "../parsers/parsed.ts";

/** What the parent asks of the child: to read the file in the folder they share. One at a time. */
export type ParseRequest = { readonly path: string; readonly mediaType: string; readonly limits: ParseLimits };

/** What the child answers; the last is `done` or `failed`. Offsets count from the document's start. */
export type ParseReply =
  | { readonly kind: "opened"; readonly pageCount: number }
  /** Text to append; `page` 0 where the source has none. `words` is a packed page, base64. */
  | { readonly kind: "text"; readonly page: number; readonly text: string; readonly words: string }
  | { readonly kind: "passages"; readonly passages: readonly ParsedPassage[] }
  | { readonly kind: "slice"; readonly pagesDone: number }
  | { readonly kind: "done"; readonly failedPages: number }
  | { readonly kind: "failed"; readonly reason: FailureReason };

/** A passage as the child cut it. `boxes` are packed, base64; what the source has not is 0 or empty. */
export type ParsedPassage = {
  readonly start: number;
  readonly end: number;
  readonly page: number;
  readonly slide: number;
  readonly sheet: string;
  readonly timeStart: number;
  readonly timeEnd: number;
  readonly headingPath: readonly string[];
  readonly headings: readonly HeadingStep[];
  readonly boxes: string;
};

/** Frames are a length in 4 bytes, big-endian, and as many bytes of JSON. */
export function toFrame(message: ParseRequest | ParseReply): Buffer {
  const json = Buffer.from(JSON.stringify(message));
  const frame = Buffer.allocUnsafe(4 + json.length);
  frame.writeUInt32BE(json.length, 0);
  json.copy(frame, 4);
  return frame;
}

/** Cuts a stream into frames. Throws RangeError at the first frame longer than `maxBytes`, before holding any of it. */
export function createFrameReader(maxBytes: number): (chunk: Buffer) => Buffer[] {
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted: number | undefined;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    const frames: Buffer[] = [];
    while (size >= (wanted ?? 4)) {
      const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      const taken = wanted ?? 4;
      if (wanted === undefined) {
        wanted = all.readUInt32BE(0);
        if (wanted > maxBytes) throw new RangeError(`A frame of ${wanted} bytes.`);
      } else {
        frames.push(all.subarray(0, taken));
        wanted = undefined;
      }
      chunks = [all.subarray(taken)];
      size = all.length - taken;
    }
    return frames;
  };
}
