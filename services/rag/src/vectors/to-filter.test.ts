import { expect, test } from "vitest";
import { toFilter } from "./to-filter.ts";

const filesOf = (ownerId: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    ...{ fileId: `${ownerId}-${at}`, ownerId, revision: 1, build: 1 },
    ...{ sizeBytes: 1, vectorBytes: 64 },
  }));

test("a library of 10,000 files is one condition, without what is not in the scope", () => {
  const scope = [...filesOf("ada", 10_000), ...filesOf("ben", 2)];
  const filter = toFilter(scope, { ownerId: "ada", without: ["trashed"] });
  expect(filter).toEqual({
    should: [
      {
        must: [{ key: "owner_id", match: { value: "ada" } }],
        must_not: [{ key: "file_id", match: { any: ["trashed"] } }],
      },
      {
        must: [
          { key: "owner_id", match: { any: ["ben"] } },
          { key: "file_id", match: { any: ["ben-0", "ben-1"] } },
        ],
      },
    ],
  });
});

test("without a library every file is named inside its owner's partition", () => {
  const { should } = toFilter([...filesOf("ben", 1), ...filesOf("ada", 2), ...filesOf("cleo", 1)]);
  expect(should).toMatchObject([
    { must: [{ match: { any: ["ada"] } }, { match: { any: ["ada-0", "ada-1"] } }] },
    { must: [{ match: { any: ["ben", "cleo"] } }, { match: { any: ["ben-0", "cleo-0"] } }] },
  ]);
});
