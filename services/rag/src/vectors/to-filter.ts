import type { ScopeFile } from "../scope-store.ts";
import type { Filter } from "./qdrant.ts";
import type { Library } from "./vector-index.ts";

/** A condition on one value of a payload. */
export const matching = (key: string, value: string | number) => ({ key, match: { value } });

/**
 * The files, by the partitions they are in: the largest one, as a rule the reader's own, and those of others. A library is one
 * condition however many files it has.
 */
export function toFilter(files: readonly ScopeFile[], library?: Library): Filter {
  const listed = library ? files.filter(({ ownerId }) => ownerId !== library.ownerId) : files;
  const byOwner = [...Map.groupBy(listed, ({ ownerId }) => ownerId)].sort(([, a], [, b]) => b.length - a.length);
  const partitions = [byOwner.slice(0, 1), byOwner.slice(1)].filter((owners) => owners.length > 0);
  const inList = partitions.map((owners) => ({
    must: [
      { key: "owner_id", match: { any: owners.map(([ownerId]) => ownerId) } },
      { key: "file_id", match: { any: owners.flatMap(([, owned]) => owned.map(({ fileId }) => fileId)) } },
    ],
  }));
  if (!library) return { should: inList };
  const { ownerId, without } = library;
  const left = without.length > 0 ? { must_not: [{ key: "file_id", match: { any: [...without] } }] } : {};
  return { should: [{ must: [matching("owner_id", ownerId)], ...left }, ...inList] };
}
