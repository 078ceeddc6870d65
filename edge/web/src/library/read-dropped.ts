/** A file that was dropped, and the folders it lay in, the outermost first. */
export type Dropped = { readonly file: File; readonly path: readonly string[] };

/** Files that systems leave in folders by themselves. */
const leftovers = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

/** All files that were dropped, those within folders too. To be called while the drop is told: afterwards it is empty. */
export async function readDropped(transfer: DataTransfer | null): Promise<Dropped[]> {
  const items = Array.from(transfer?.items ?? []).filter(({ kind }) => kind === "file");
  const reads = items.map((item) => {
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory) return readEntry(entry, []);
    const file = item.getAsFile();
    return file ? [{ file, path: [] }] : [];
  });
  return (await Promise.all(reads)).flat();
}

async function readEntry(entry: FileSystemEntry, path: readonly string[]): Promise<Dropped[]> {
  if (leftovers.has(entry.name)) return [];
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path }];
  }
  const within = [...path, entry.name];
  const entries = await listEntries((entry as FileSystemDirectoryEntry).createReader());
  return (await Promise.all(entries.map((other) => readEntry(other, within)))).flat();
}

/** Browsers tell what a folder holds a hundred at a time, and nothing once all is told. */
async function listEntries(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
