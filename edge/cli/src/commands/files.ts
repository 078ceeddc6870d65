import { toJson } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type File, FileSchema, FileState, type Lyceum } from "@lyceum/client";
import { Command } from "commander";
import type { Io } from "../io.ts";
import { openCli } from "../open-cli.ts";
import { toTable } from "../output.ts";
import { saySize } from "../say-size.ts";

type Options = { shared?: true; trashed?: true };

export const filesCommand = (io: Io): Command =>
  new Command("files")
    .description("list your files, the latest first")
    .option("--shared", "those that others share with you instead")
    .option("--trashed", "those in the trash instead")
    .action(async (options: Options, command: Command) => {
      const { lyceum, output, signedIn } = openCli(io, command);
      signedIn();
      const files = await listFiles(lyceum, options, io.signal);
      output.record({ files: files.map((file) => toJson(FileSchema, file, { alwaysEmitImplicit: true })) });
      if (files.length === 0) output.line("No files.");
      for (const row of toTable(files.map(toRow))) output.line(row);
    });

async function listFiles(lyceum: Lyceum, { shared, trashed }: Options, signal: AbortSignal): Promise<File[]> {
  const files: File[] = [];
  const request = { shared: shared === true, state: trashed ? FileState.TRASHED : FileState.READY, pageSize: 250 };
  for (let pageToken = "", more = true; more; more = pageToken !== "") {
    const page = await lyceum.files.listFiles({ ...request, pageToken }, { signal });
    files.push(...page.files);
    pageToken = page.nextPageToken;
  }
  return files;
}

function toRow({ id, sizeBytes, createTime, name }: File): string[] {
  const day = createTime ? timestampDate(createTime).toISOString().slice(0, 10) : "";
  return [id, day, saySize(Number(sizeBytes)), name];
}
