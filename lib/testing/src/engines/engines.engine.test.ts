import { expect, inject, test } from "vitest";

test("the registry speaks Confluent's API", async () => {
  const url = inject("engines").SCHEMA_REGISTRY_URL as string;
  expect((await fetch(`${url}/subjects`)).status).toBe(200);
});
