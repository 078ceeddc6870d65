import { ParseFailure } from "../failure.ts";

const isWide = 1;
const hasPhonetics = 4;
const hasRuns = 8;

/** Reads strings one after the other from a record that others continue (MS-XLS, 2.5.293): a cut string says its width anew. */
export function createStringReader(pieces: readonly Buffer[]) {
  let piece = 0;
  let at = 0;
  const bytesLeft = () => (pieces[piece]?.length ?? 0) - at;
  const take = (length: number): Buffer => {
    const taken: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      if (bytesLeft() === 0) next();
      const part = (pieces[piece] as Buffer).subarray(at, at + missing);
      taken.push(part);
      at += part.length;
      missing -= part.length;
    }
    return Buffer.concat(taken);
  };
  const next = () => {
    if (++piece >= pieces.length) throw new ParseFailure("CORRUPT");
    at = 0;
  };
  const readChars = (count: number, flags: number): string => {
    let text = "";
    let width = flags & isWide ? 2 : 1;
    for (let missing = count; missing > 0; ) {
      if (bytesLeft() < width) {
        next();
        width = take(1).readUInt8(0) & isWide ? 2 : 1;
      }
      const chars = Math.min(missing, Math.floor(bytesLeft() / width));
      text += take(chars * width).toString(width === 2 ? "utf16le" : "latin1");
      missing -= chars;
    }
    return text;
  };
  return {
    take,
    /** A string after its length, which is of `lengthBytes`. */
    read(lengthBytes: 1 | 2): string {
      const count = take(lengthBytes).readUIntLE(0, lengthBytes);
      const flags = take(1).readUInt8(0);
      const runs = flags & hasRuns ? take(2).readUInt16LE(0) : 0;
      const phoneticBytes = flags & hasPhonetics ? take(4).readUInt32LE(0) : 0;
      const text = readChars(count, flags);
      take(runs * 4);
      take(phoneticBytes);
      return text;
    },
  };
}
