import { execFile } from "node:child_process";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SchemaFile } from "@lyceum/events";
import { UsageError } from "../failure.ts";

const root = join(import.meta.dirname, "../../../..");
const pattern = "lyceum/*/v1/*.avsc";

/** The events' schemas below a folder like `proto`, each with what is committed of it. */
export type SchemaFiles = {
  readonly files: readonly SchemaFile[];
  /** The commit they are compared with: where this branch left origin/main, else HEAD; undefined without a history. */
  readonly base: string | undefined;
};

export async function readSchemas(folder = join(root, "proto")): Promise<SchemaFiles> {
  const base = await findBase();
  const paths: string[] = [];
  for await (const path of glob(pattern, { cwd: folder })) paths.push(path);
  const files: SchemaFile[] = [];
  for (const path of paths.toSorted()) {
    const schema = parseSchema(path, await readFile(join(folder, path), "utf8"));
    // As services register it: without the file's line breaks.
    files.push({
      subject: `${schema.namespace}.${schema.name}`,
      schema: JSON.stringify(schema),
      base: await readCommitted(base, path),
    });
  }
  if (files.length === 0)
    throw new UsageError(`There are no schemas in ${folder}: name a folder that holds ${pattern}.`);
  return { files, base };
}

function parseSchema(path: string, text: string): { namespace: string; name: string } {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is no JSON: ${(error as Error).message}`);
  }
}

async function findBase(): Promise<string | undefined> {
  const merged = await git("merge-base", "HEAD", "origin/main");
  return (merged ?? (await git("rev-parse", "HEAD")))?.trim();
}

async function readCommitted(base: string | undefined, path: string): Promise<string | undefined> {
  return base && git("show", `${base}:proto/${path}`);
}

/** What git says; undefined where there is no git, no repository, or no such thing in it. */
async function git(...args: string[]): Promise<string | undefined> {
  return promisify(execFile)("git", args, { cwd: root }).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
}
