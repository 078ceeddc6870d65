/** The blob is damaged or of another version: index the file again. */
export class DamagedSegmentError extends Error {
  override readonly name = "DamagedSegmentError";
}

const magic = 0x4753594c;
const version = 1;
/** Magic, kind and version, length, checksum, then eight numbers of the kind's own. */
const headerWords = 12;

/** Where sections of these byte lengths begin, each aligned to 8, and where the blob ends. */
export function layOut(sections: readonly number[]): { offsets: number[]; end: number } {
  const offsets: number[] = [];
  let end = headerWords * 4;
  for (const section of sections) {
    offsets.push(end);
    end += Math.ceil(section / 8) * 8;
  }
  return { offsets, end };
}

/** A blob of `sizeBytes` with its header; `numbers` are at most eight. */
export function createBlob(kind: number, numbers: readonly number[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  new Uint32Array(bytes.buffer, 0, headerWords).set([magic, version * 256 + kind, sizeBytes, 0, ...numbers]);
  return bytes;
}

/** Writes the checksum; nothing may change afterwards. */
export function sealBlob(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  new Uint32Array(bytes.buffer, 12, 1)[0] = checksum(bytes);
  return bytes;
}

/** Checks version, length and checksum and gives the header's own numbers and aligned bytes. Throws DamagedSegmentError. */
export function openBlob(bytes: Uint8Array, kind: number): { bytes: Uint8Array<ArrayBuffer>; numbers: number[] } {
  if (bytes.length < headerWords * 4 || bytes.length % 8 !== 0) throw new DamagedSegmentError("too short");
  const aligned =
    bytes.byteOffset % 8 === 0 && bytes.buffer instanceof ArrayBuffer
      ? (bytes as Uint8Array<ArrayBuffer>)
      : new Uint8Array(bytes);
  const header = new Uint32Array(aligned.buffer, aligned.byteOffset, headerWords);
  if (header[0] !== magic || header[1] !== version * 256 + kind) throw new DamagedSegmentError("of another version");
  if (header[2] !== aligned.length) throw new DamagedSegmentError("of another length");
  if (header[3] !== checksum(aligned)) throw new DamagedSegmentError("changed since it was written");
  return { bytes: aligned, numbers: [...header.subarray(4)] };
}

/** Over everything after the checksum itself. */
function checksum(bytes: Uint8Array<ArrayBuffer>): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let sum = 0x811c9dc5;
  for (let at = 4; at < words.length; at++) sum = Math.imul(sum ^ (words[at] as number), 16777619);
  return sum >>> 0;
}
