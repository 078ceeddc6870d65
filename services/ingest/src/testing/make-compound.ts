const sectorBytes = 512;
const miniSectorBytes = 64;
const miniBelowBytes = 4096;
const end = 0xfffffffe;
const none = 0xffffffff;

type Node = { name: string; type: number; content: Buffer; children: Node[] };

/** A compound file with these streams; a path with `/` puts one into a storage. */
export function makeCompound(streams: Readonly<Record<string, Uint8Array | string>>): Uint8Array {
  const root: Node = { name: "Root Entry", type: 5, content: Buffer.alloc(0), children: [] };
  for (const [path, content] of Object.entries(streams)) {
    const names = path.split("/");
    const name = names.pop() ?? "";
    let folder = root;
    for (const storage of names) {
      const found = folder.children.find((child) => child.name === storage);
      const node = found ?? { name: storage, type: 1, content: Buffer.alloc(0), children: [] };
      if (!found) folder.children.push(node);
      folder = node;
    }
    folder.children.push({ name, type: 2, content: Buffer.from(content as string, "utf16le"), children: [] });
  }
  return assemble(root);
}

function assemble(root: Node): Uint8Array {
  const nodes = flatten(root);
  const small = nodes.filter(({ type, content }) => type === 2 && content.length < miniBelowBytes);
  const mini = small.map(({ content }) => pad(content, miniSectorBytes));
  root.content = Buffer.concat(mini);
  const miniTable = chains(mini.map(({ length }) => length / miniSectorBytes));
  const large = nodes.filter((node) => node !== root && node.type === 2 && !small.includes(node));
  const directory = Buffer.alloc(Math.ceil(nodes.length / 4) * sectorBytes);
  const chunks = [directory, toBytes(miniTable), root.content, ...large.map(({ content }) => content)].map((chunk) =>
    pad(chunk, sectorBytes),
  );
  const counts = chunks.map(({ length }) => length / sectorBytes);
  // The table of sectors comes first, and says of itself that it is one.
  const tableSectors = Math.ceil((counts.reduce((sum, count) => sum + count, 0) + 4) / 127);
  const table = [...Array<number>(tableSectors).fill(0xfffffffd), ...chains(counts, tableSectors)];
  const starts = counts.map((_, index) => tableSectors + counts.slice(0, index).reduce((sum, count) => sum + count, 0));
  let miniStart = 0;
  for (const [index, node] of nodes.entries()) {
    const entry = chunks[0]?.subarray(index * 128, (index + 1) * 128) as Buffer;
    entry.write(node.name, 0, "utf16le");
    entry.writeUInt16LE(node.name.length * 2 + 2, 64);
    entry.writeUInt8(node.type, 66);
    const sibling = nodes.indexOf(siblingOf(root, node) as Node);
    entry.writeUInt32LE(none, 68);
    entry.writeUInt32LE(sibling < 0 ? none : sibling, 72);
    entry.writeUInt32LE(node.children[0] ? nodes.indexOf(node.children[0]) : none, 76);
    let start = node === root ? (starts[2] ?? end) : end;
    if (small.includes(node)) {
      start = miniStart;
      miniStart += pad(node.content, miniSectorBytes).length / miniSectorBytes;
    } else if (large.includes(node)) start = starts[3 + large.indexOf(node)] ?? end;
    entry.writeUInt32LE(start, 116);
    entry.writeUInt32LE(node.content.length, 120);
  }
  const header = Buffer.alloc(sectorBytes, 0xff);
  header.fill(0, 0, 76);
  header.write("d0cf11e0a1b11ae1", "hex");
  header.writeUInt16LE(3, 26);
  header.writeUInt16LE(0xfffe, 28);
  header.writeUInt16LE(9, 30);
  header.writeUInt16LE(6, 32);
  header.writeUInt32LE(tableSectors, 44);
  header.writeUInt32LE(starts[0] ?? end, 48);
  header.writeUInt32LE(miniBelowBytes, 56);
  header.writeUInt32LE(miniTable.length > 0 ? (starts[1] ?? end) : end, 60);
  header.writeUInt32LE(end, 68);
  for (let sector = 0; sector < tableSectors; sector++) header.writeUInt32LE(sector, 76 + sector * 4);
  return new Uint8Array(Buffer.concat([header, pad(toBytes(table), sectorBytes, 0xff), ...chunks]));
}

const flatten = (node: Node): Node[] => [node, ...node.children.flatMap(flatten)];

function siblingOf(root: Node, node: Node): Node | undefined {
  const parent = flatten(root).find(({ children }) => children.includes(node));
  return parent?.children[parent.children.indexOf(node) + 1];
}

const pad = (bytes: Buffer, unit: number, filler = 0) =>
  Buffer.concat([bytes, Buffer.alloc((unit - (bytes.length % unit)) % unit, filler)]);

/** Of stretches one after the other: what follows each of their sectors. */
const chains = (counts: readonly number[], first = 0): number[] => {
  let at = first;
  return counts.flatMap((count) => {
    const start = at;
    at += count;
    return Array.from({ length: count }, (_, index) => (index === count - 1 ? end : start + index + 1));
  });
};

function toBytes(numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number, index * 4);
  return bytes;
}
