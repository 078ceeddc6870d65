import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Where the program keeps what it remembers; readable by the person alone. */
export function configFolder(variables: Readonly<Record<string, string | undefined>>): string {
  return join(variables.XDG_CONFIG_HOME || join(variables.HOME || homedir(), ".config"), "lyceum");
}

/** What a file holds as JSON; undefined if it is not there, or damaged. */
export function readJsonFile<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}

/** Replaces a file as a whole, so that other processes read the old or the new one; undefined removes it. */
export function writeJsonFile(path: string, value: unknown): void {
  if (value === undefined) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${randomUUID()}`;
  writeFileSync(fresh, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(fresh, path);
}
