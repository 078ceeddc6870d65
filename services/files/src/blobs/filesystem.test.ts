import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFilesystemBlobStore } from "./filesystem.ts";
import { openBlobStore } from "./index.ts";
import { collect, testBlobStore } from "./test-blob-store.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "lyceum-blobs-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

testBlobStore("filesystem", () => openFilesystemBlobStore(root));

describe("the filesystem blob store", () => {
  it("is one process's alone: a second replica does not start, and names the variable to set", async () => {
    let taken = false;
    const database = {
      lease: async () => {
        if (taken) return undefined;
        taken = true;
        return {
          async [Symbol.asyncDispose]() {
            taken = false;
          },
        };
      },
    };
    const first = await openBlobStore(root, { provider: "filesystem" }, database);
    const second = openBlobStore(root, { provider: "filesystem" }, database);
    await expect(second).rejects.toThrow(/Another process keeps the files .* set FILES_S3_BUCKET for both/);
    await first[Symbol.asyncDispose]();
    await using _again = await openBlobStore(root, { provider: "filesystem" }, database);
  });

  it("leaves no temporary file of all that failed above", async () => {
    expect(await readdir(join(root, "incoming"))).toEqual([]);
  });

  it("removes at start what an earlier process left half written, and keeps the rest", async () => {
    await writeFile(join(root, "incoming", "half.1"), "half");
    const blobs = await openFilesystemBlobStore(root);
    expect(await readdir(join(root, "incoming"))).toEqual([]);
    await blobs.put(
      "whole",
      (async function* () {
        yield Buffer.from("whole");
      })(),
      new AbortController().signal,
    );
    const again = await openFilesystemBlobStore(root);
    const bytes = await collect(again.read("whole", undefined, new AbortController().signal));
    expect(Buffer.concat(bytes).toString()).toBe("whole");
  });

  it("says so when there is no room, and leaves nothing", async () => {
    const store = JSON.stringify(new URL("./filesystem.ts", import.meta.url).href);
    const folder = join(root, "small");
    const script = `
      const { openFilesystemBlobStore } = await import(${store});
      const blobs = await openFilesystemBlobStore(${JSON.stringify(folder)});
      const bytes = async function* () { for (let i = 0; i < 40; i++) yield new Uint8Array(65536); };
      await blobs.put("big", bytes(), new AbortController().signal).catch((error) => console.log(error.name));
      await using growing = await blobs.grow("growing", undefined);
      try { for await (const piece of bytes()) await growing.write(piece); } catch (error) { console.log(error.name); }`;
    // The limit on a process' file size, 1 MiB, stands in for a full disk.
    const { stdout } = await promisify(execFile)("bash", [
      "-c",
      'ulimit -f 1024; exec "$0" --input-type=module -e "$1"',
      process.execPath,
      script,
    ]);
    expect(stdout.trim().split("\n")).toEqual(["BlobStoreFullError", "BlobStoreFullError"]);
    expect(await readdir(join(folder, "incoming"))).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(["growing", "incoming"]);
  });
});
