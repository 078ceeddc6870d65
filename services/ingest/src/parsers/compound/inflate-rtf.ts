import { ParseFailure } from "../failure.ts";

/** What is often in RTF, and stands in the window before anything else (MS-OXRTFCP, 2.1.2.1). */
const commonWords =
  "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

const windowBytes = 4096;

/** Unpacks RTF as Outlook packs it. Throws ParseFailure CORRUPT, or TOO_LARGE past `maxBytes`. */
export function inflateRtf(packed: Buffer, maxBytes: number): Buffer {
  if (packed.length < 16) throw new ParseFailure("CORRUPT");
  const sizeBytes = packed.readUInt32LE(4);
  if (sizeBytes > maxBytes) throw new ParseFailure("TOO_LARGE");
  const kind = packed.toString("latin1", 8, 12);
  if (kind === "MELA") return packed.subarray(16, 16 + sizeBytes);
  if (kind !== "LZFu") throw new ParseFailure("CORRUPT");
  const window = Buffer.alloc(windowBytes);
  let at = window.write(commonWords, "latin1");
  // A reference of two bytes stands for 17 bytes at most.
  const unpacked = Buffer.alloc(Math.min(sizeBytes, packed.length * 9));
  let size = 0;
  const put = (byte: number) => {
    window[at] = byte;
    at = (at + 1) % windowBytes;
    if (size < unpacked.length) unpacked[size++] = byte;
  };
  for (let input = 16; input < packed.length; ) {
    const flags = packed[input++] ?? 0;
    for (let bit = 0; bit < 8 && input < packed.length; bit++) {
      if ((flags & (1 << bit)) === 0) {
        put(packed[input++] ?? 0);
        continue;
      }
      if (input + 2 > packed.length) return unpacked.subarray(0, size);
      const reference = packed.readUInt16BE(input);
      input += 2;
      const from = reference >> 4;
      if (from === at) return unpacked.subarray(0, size);
      for (let count = 0; count < (reference & 15) + 2; count++) put(window[(from + count) % windowBytes] ?? 0);
    }
  }
  return unpacked.subarray(0, size);
}
