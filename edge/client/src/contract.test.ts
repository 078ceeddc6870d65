import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the contract holds every public proto", () => {
  const gen = dirname(fileURLToPath(import.meta.resolve("@lyceum/gen/package.json")));
  const published = globSync("proto/lyceum/*/v1/*_pb.ts", { cwd: gen })
    .filter((path) => !path.endsWith("_internal_service_pb.ts") && !path.startsWith("proto/lyceum/access/"))
    .map((path) => `@lyceum/gen/${path}`);
  const text = readFileSync(`${import.meta.dirname}/contract.ts`, "utf8");
  const held = [...text.matchAll(/^export \* from "(.*)";$/gm)].map(([, path]) => path);
  expect(held.toSorted()).toEqual(published.toSorted());
});
