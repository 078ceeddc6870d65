import { ParseFailure } from "../failure.ts";

/** A compound file (MS-CFB), as Office wrote before 2007 and Outlook still does: a small file system of streams. */
export interface CompoundFile {
  /** Paths of all streams, with `/` between the names. */
  readonly paths: readonly string[];
  /** Names are compared without case. */
  has(path: string): boolean;
  /** A stream's bytes; undefined if there is none. Throws ParseFailure CORRUPT. */
  read(path: string): Buffer | undefined;
}

type Entry = {
  readonly name: string;
  readonly type: number;
  readonly left: number;
  readonly right: number;
  readonly child: number;
  readonly start: number;
  readonly sizeBytes: number;
};

const headerBytes = 512;
const entryBytes = 128;
const miniSectorBytes = 64;
const miniStreamBelowBytes = 4096;
/** Numbers from here on are no sectors. */
const firstMark = 0xfffffffa;
const types = { storage: 1, stream: 2, root: 5 };

/** Opens a compound file. Nothing in it is trusted: chains that go in circles or out of the file are CORRUPT. */
export function openCompoundFile(bytes: Uint8Array): CompoundFile {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.length < headerBytes) throw new ParseFailure("CORRUPT");
  const shift = file.readUInt16LE(30);
  if (shift !== 9 && shift !== 12) throw new ParseFailure("CORRUPT");
  const sectorBytes = 1 << shift;
  const sector = (number: number) => file.subarray((number + 1) * sectorBytes, (number + 2) * sectorBytes);
  const table = readTable(file, sector);
  const readSectors = (start: number) => Buffer.concat(chainOf(table, start).map(sector));
  const entries = readEntries(readSectors(file.readUInt32LE(48)));
  const [root] = entries;
  if (root?.type !== types.root) throw new ParseFailure("CORRUPT");
  const miniTable = toNumbers(readSectors(file.readUInt32LE(60)));
  const miniStream = readSectors(root.start);
  const streams = listStreams(entries, root);
  const byName = new Map([...streams].map(([path, entry]) => [path.toLowerCase(), entry]));
  return {
    paths: [...streams.keys()],
    has: (path) => byName.has(path.toLowerCase()),
    read(path) {
      const entry = byName.get(path.toLowerCase());
      if (!entry) return undefined;
      const isMini = entry.sizeBytes < miniStreamBelowBytes;
      const content = isMini ? readMiniSectors(miniStream, chainOf(miniTable, entry.start)) : readSectors(entry.start);
      if (content.length < entry.sizeBytes) throw new ParseFailure("CORRUPT");
      return content.subarray(0, entry.sizeBytes);
    },
  };
}

/** Which sector follows each sector: a list of lists, begun in the header. */
function readTable(file: Buffer, sector: (number: number) => Buffer): Uint32Array {
  const numbers = toNumbers(file.subarray(76, headerBytes));
  const most = file.length / headerBytes;
  const places = [...numbers];
  let next = file.readUInt32LE(68);
  for (let count = 0; next < firstMark; count++) {
    const more = [...toNumbers(sector(next))];
    if (count > most || more.length === 0) throw new ParseFailure("CORRUPT");
    next = more.pop() ?? firstMark;
    places.push(...more);
  }
  return toNumbers(Buffer.concat(places.filter((place) => place < firstMark).map(sector)));
}

function toNumbers(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readUInt32LE(index * 4));
}

function chainOf(table: Uint32Array, start: number): number[] {
  const chain: number[] = [];
  for (let next = start; next < firstMark; next = table[next] ?? firstMark) {
    if (next >= table.length || chain.length >= table.length) throw new ParseFailure("CORRUPT");
    chain.push(next);
  }
  return chain;
}

function readMiniSectors(stream: Buffer, chain: readonly number[]): Buffer {
  return Buffer.concat(chain.map((at) => stream.subarray(at * miniSectorBytes, (at + 1) * miniSectorBytes)));
}

function readEntries(directory: Buffer): Entry[] {
  return Array.from({ length: Math.floor(directory.length / entryBytes) }, (_, index) => {
    const entry = directory.subarray(index * entryBytes, (index + 1) * entryBytes);
    return {
      name: entry.toString("utf16le", 0, Math.max(0, Math.min(64, entry.readUInt16LE(64)) - 2)),
      type: entry.readUInt8(66),
      left: entry.readUInt32LE(68),
      right: entry.readUInt32LE(72),
      child: entry.readUInt32LE(76),
      start: entry.readUInt32LE(116),
      sizeBytes: entry.readUInt32LE(120),
    };
  });
}

/** Streams by path. Siblings are a tree in the file; each entry counts once, wherever links lead. */
function listStreams(entries: readonly Entry[], root: Entry): Map<string, Entry> {
  const streams = new Map<string, Entry>();
  const seen = new Set<Entry>();
  const waiting = [{ index: root.child, folder: "" }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const entry = entries[next.index];
    if (!entry || seen.has(entry)) continue;
    seen.add(entry);
    const { folder } = next;
    if (entry.type === types.stream) streams.set(folder + entry.name, entry);
    waiting.push({ index: entry.left, folder }, { index: entry.right, folder });
    if (entry.type === types.storage) waiting.push({ index: entry.child, folder: `${folder}${entry.name}/` });
  }
  return streams;
}
