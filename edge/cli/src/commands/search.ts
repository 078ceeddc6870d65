import { toJson } from "@bufbuild/protobuf";
import { SearchResponseSchema } from "@lyceum/client";
import { Command } from "commander";
import type { Io } from "../io.ts";
import { openCli } from "../open-cli.ts";
import { readCount } from "../read-count.ts";
import { sayPlace } from "../say-place.ts";

type Options = { file?: string[]; room?: string; limit: number };

const shownCharacters = 240;

export const searchCommand = (io: Io): Command =>
  new Command("search")
    .description("find passages, by word and by meaning, in the files you may read")
    .argument("<query>", "words or a question")
    .option("-f, --file <id...>", "only in these files")
    .option("--room <id>", "only in what every member of this room may read")
    .option("-n, --limit <count>", "at most this many passages, 1 to 100", readCount(100), 10)
    .action(async (query: string, { file = [], room = "", limit }: Options, command: Command) => {
      const { lyceum, output, signedIn } = openCli(io, command);
      signedIn();
      const found = await lyceum.rag.search({ query, fileIds: file, roomId: room, limit }, { signal: io.signal });
      output.record(toJson(SearchResponseSchema, found, { alwaysEmitImplicit: true }));
      if (found.passages.length === 0) output.line("Nothing found.");
      for (const { fileName, locator, text } of found.passages) {
        output.line([fileName, sayPlace(locator)].filter(Boolean).join(", "));
        output.line(`    ${shorten(text)}\n`);
      }
    });

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}
