import { randomBytes } from "node:crypto";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { openKafkaStore } from "@lyceum/events";
import { tempFolder } from "@lyceum/testing";
import { expect, inject, test } from "vitest";
import type { Io } from "../io.ts";
import { runCli } from "../run-cli.ts";
import { readSchemas } from "./read-schemas.ts";

const proto = join(import.meta.dirname, "../../../../proto");
const { KAFKA_BROKERS = "", SCHEMA_REGISTRY_URL = "" } = inject("engines");
const variables = { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, KAFKA_NAMESPACE: `${randomBytes(6).toString("hex")}.` };

async function check(folder: string) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const io = { stdin, stdout, stderr, variables, cwd: proto, signal: new AbortController().signal };
  const code = await runCli(["schemas", "check", "--folder", folder], io as unknown as Io);
  return { code, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
}

test("every .avsc can take the place of what is committed, in the registry too; one that cannot is refused in its words", async () => {
  await using store = await openKafkaStore({
    brokers: KAFKA_BROKERS.split(","),
    registryUrl: SCHEMA_REGISTRY_URL,
    namespace: variables.KAFKA_NAMESPACE,
    clientId: "test",
  });
  const { files, base } = await readSchemas(proto);
  expect(base).toMatch(/^[0-9a-f]{40}$/);
  expect((await check(".")).out).toContain(`0 registered, ${files.length} new, 0 refused.`);
  for (const { subject, schema, base = schema } of files) await store.registry.register(subject, base);
  const green = await check(".");
  expect([green.code, green.err, green.out]).toEqual([0, "", expect.stringContaining(" 0 refused.")]);

  const red = await tempFolder();
  await cp(join(proto, "lyceum"), join(red, "lyceum"), { recursive: true });
  const path = join(red, "lyceum/files/v1/file_deleted.avsc");
  const schema = JSON.parse(await readFile(path, "utf8"));
  // Nothing is committed under this name, so that the registry alone can refuse it.
  const unheard = { ...schema, name: "FileUnheardOf" };
  await store.registry.register("lyceum.files.v1.FileUnheardOf", JSON.stringify(unheard));
  unheard.fields = [...schema.fields, { name: "why", type: "string", doc: "Why." }];
  await writeFile(join(red, "lyceum/files/v1/file_unheard_of.avsc"), JSON.stringify(unheard));
  const refused = await check(red);
  expect([refused.code, refused.out]).toEqual([
    1,
    expect.stringMatching(/^lyceum\.files\.v1\.FileUnheardOf \(registry\): .+why/m),
  ]);
  await expect(store.registry.register("lyceum.files.v1.FileUnheardOf", JSON.stringify(unheard))).rejects.toThrow(
    /why/,
  );

  schema.fields.push({ name: "why", type: "string", doc: "Why." });
  await writeFile(path, JSON.stringify(schema));
  expect((await check(red)).out).toMatch(/^lyceum\.files\.v1\.FileDeleted \(base\): .+why/m);
});
