/** An upload that has not arrived whole. The bytes are not kept: whoever chooses the same file again goes on. */
export type Unfinished = {
  readonly name: string;
  readonly sizeBytes: number;
  readonly folderId: string;
  /** How much of it has left, 0 to 1. */
  readonly share: number;
};

type Stored = { readonly userId: string; readonly uploads: readonly Unfinished[] };

/** Files of such a size are sent again from their beginning without anybody noticing. */
const worthBytes = 1_000_000;

/** What a person's uploads left unfinished. */
export function readUnfinished(stored: string | null, userId: string): readonly Unfinished[] {
  try {
    const left = JSON.parse(stored ?? "null") as Stored | null;
    return left?.userId === userId ? left.uploads : [];
  } catch {
    return [];
  }
}

export function writeUnfinished(
  storage: Storage,
  key: string,
  userId: string,
  to: (unfinished: readonly Unfinished[]) => readonly Unfinished[],
): void {
  const before = readUnfinished(storage.getItem(key), userId);
  const after = to(before);
  if (after !== before) storage.setItem(key, JSON.stringify({ userId, uploads: after } satisfies Stored));
}

/** With one upload as far as it is; small ones are not worth it. Progress counts from one hundredth to the next. */
export function noteUnfinished(unfinished: readonly Unfinished[], upload: Unfinished): readonly Unfinished[] {
  if (upload.sizeBytes < worthBytes) return unfinished;
  const known = unfinished.find((other) => isSame(other, upload));
  if (known && Math.floor(known.share * 100) === Math.floor(upload.share * 100)) return unfinished;
  return [upload, ...unfinished.filter((other) => other !== known)];
}

/** Without one upload, which has arrived or is given up. */
export function forgetUnfinished(
  unfinished: readonly Unfinished[],
  upload: Omit<Unfinished, "share">,
): readonly Unfinished[] {
  return unfinished.some((other) => isSame(other, upload))
    ? unfinished.filter((other) => !isSame(other, upload))
    : unfinished;
}

function isSame(a: Omit<Unfinished, "share">, b: Omit<Unfinished, "share">): boolean {
  return a.name === b.name && a.sizeBytes === b.sizeBytes && a.folderId === b.folderId;
}
