import { openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { toJson } from "@bufbuild/protobuf";
import { type Document, DocumentSchema, DocumentState, type File, FileSchema } from "@lyceum/client";
import { Command } from "commander";
import { bar } from "../bar.ts";
import { exitCodes, ToldError, toFailure, UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { type Cli, openCli } from "../open-cli.ts";
import { sayDocument } from "../say-document.ts";
import { watchDocuments } from "../watch-documents.ts";

type Options = { wait: boolean; folder?: string };

/** Above this a file goes in chunks, so that it goes on where it was cut off; below, in one request. */
const chunkedBytes = 8 * 1024 * 1024;

export const uploadCommand = (io: Io): Command =>
  new Command("upload")
    .description("store files, and wait until they can be searched and asked about")
    .argument("<file...>", "paths; a large file that was cut off goes on where it was")
    .option("--folder <id>", "put them into this folder")
    .option("--no-wait", "end once they are stored")
    .action(async (paths: string[], { wait, folder }: Options, command: Command) => {
      const cli = openCli(io, command);
      cli.signedIn();
      const sources = await Promise.all(paths.map((path) => readSource(resolve(io.cwd, path))));
      const stored = new Map<string, File>();
      let failures = 0;
      for (const source of sources) {
        const file = await store(cli, source, folder);
        if (file) stored.set(file.id, file);
        else failures += 1;
        if (file && !wait) tellStored(cli, file);
      }
      if (wait) failures += await tellDocuments(cli, stored);
      if (failures > 0) throw new ToldError();
    });

type Source = { readonly path: string; readonly name: string; readonly key: string };

/** Looked at before anything is sent, so that a mistyped name sends nothing. */
async function readSource(path: string): Promise<Source> {
  const found = await stat(path);
  if (!found.isFile()) throw new UsageError(`${path} is no file. Name files, as in \`lyceum upload folder/*\`.`);
  return { path, name: basename(path), key: `${path}/${found.size}/${found.mtimeMs}` };
}

/** The stored file; undefined if it was refused, which has been told. What concerns all files is thrown. */
async function store(cli: Cli, { path, name, key }: Source, folderId = ""): Promise<File | undefined> {
  const { lyceum, output, io, deployment } = cli;
  const onProgress = (share: number) => output.progress(`${name}: sending ${bar(share)}`);
  const { signal } = io;
  try {
    const bytes = await openAsBlob(path);
    onProgress(0);
    const options = { name, folderId, onProgress, signal };
    if (bytes.size <= chunkedBytes) return await lyceum.uploadFile(bytes, options);
    return await lyceum.startUpload(bytes, { ...options, key }).file;
  } catch (error) {
    const { exitCode, message, problem } = toFailure(error, deployment.url);
    if (exitCode !== exitCodes.failed || signal.aborted) throw error;
    output.record({ name, error: problem });
    if (!output.json) output.warn(`${name}: ${message}`);
    return undefined;
  }
}

function tellStored({ output }: Cli, file: File): void {
  output.record({ file: toJson(FileSchema, file, { alwaysEmitImplicit: true }) });
  output.line(`${file.id}  ${file.name}  stored`);
}

/** Tells of each document once it is finished; answers how many failed. */
async function tellDocuments(cli: Cli, stored: ReadonlyMap<string, File>): Promise<number> {
  const { output } = cli;
  const waiting = new Map<string, Document | undefined>([...stored.keys()].map((fileId) => [fileId, undefined]));
  let failures = 0;
  for await (const document of watchDocuments(cli, [...stored.keys()])) {
    const file = stored.get(document.fileId);
    if (!file) continue;
    waiting.set(document.fileId, document);
    if (document.state === DocumentState.READY || document.state === DocumentState.FAILED) {
      waiting.delete(document.fileId);
      if (document.state === DocumentState.FAILED) failures += 1;
      output.record({
        file: toJson(FileSchema, file, { alwaysEmitImplicit: true }),
        document: toJson(DocumentSchema, document, { alwaysEmitImplicit: true }),
      });
      output.line(`${file.id}  ${file.name}  ${sayDocument(document)}`);
    }
    output.progress(sayWaiting(stored, waiting));
  }
  return failures;
}

function sayWaiting(stored: ReadonlyMap<string, File>, waiting: ReadonlyMap<string, Document | undefined>): string {
  // The one that is furthest tells most about how long it still takes.
  const [first] = [...waiting.values()].flatMap((document) => document ?? []).sort((a, b) => b.progress - a.progress);
  if (!first) return "";
  const count = stored.size > 1 ? `${stored.size - waiting.size} of ${stored.size} done · ` : "";
  return `${count}${stored.get(first.fileId)?.name}: ${bar(first.progress)} ${first.stage}`;
}
