import { type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { type AskRequestSchema, AskResponseSchema, type Citation, FinishReason } from "@lyceum/client";
import { Command } from "commander";
import { ToldError } from "../failure.ts";
import type { Io } from "../io.ts";
import { type Cli, openCli } from "../open-cli.ts";
import type { Output } from "../output.ts";
import { sayPlace } from "../say-place.ts";

type Options = { file?: string[]; room?: string; conversation?: string };

export const askCommand = (io: Io): Command =>
  new Command("ask")
    .description("ask a question; the answer streams, with the sources of what it says")
    .argument("<question>", "in your own words")
    .option("-f, --file <id...>", "only from these files")
    .option("--room <id>", "only from what every member of this room may read")
    .option("--conversation <id>", "go on with this conversation")
    .action(async (question: string, { file = [], room = "", conversation = "" }: Options, command: Command) => {
      const cli = openCli(io, command);
      cli.signedIn();
      const request = { question, fileIds: file, roomId: room, conversationId: conversation };
      const { citations, reason } = await tellAnswer(cli, request);
      listSources(cli.output, citations);
      checkEnd(cli.output, reason);
    });

/** Tells the answer as it comes; answers what is left to be said of it. */
async function tellAnswer({ lyceum, output, io }: Cli, request: MessageInitShape<typeof AskRequestSchema>) {
  const citations: Citation[] = [];
  let answerId = "";
  let reason: FinishReason | undefined;
  output.progress("Looking into the files…");
  try {
    for await (const response of lyceum.ask(request, { signal: io.signal })) {
      output.record(toJson(AskResponseSchema, response, { alwaysEmitImplicit: true }));
      const { event } = response;
      if (event.case === "retrieved") answerId = event.value.answerId;
      if (event.case === "delta") output.text(event.value.text);
      if (event.case === "citation") citations.push(event.value);
      if (event.case === "done") reason = event.value.finishReason;
    }
  } finally {
    output.line();
    // Whoever interrupts wants no more of it; left alone it would be written to its end.
    if (io.signal.aborted && answerId) await lyceum.rag.stopAnswer({ answerId }, { timeoutMs: 3_000 }).catch(() => {});
  }
  return { citations, reason };
}

function listSources(output: Output, citations: readonly Citation[]): void {
  if (citations.length > 0) output.line("\nSources");
  for (const { number, fileName, locator, quote } of citations.toSorted((a, b) => a.number - b.number)) {
    output.line(`[${number}] ${[fileName, sayPlace(locator)].filter(Boolean).join(", ")}`);
    if (quote) output.line(`    “${quote.replace(/\s+/g, " ")}”`);
  }
}

function checkEnd(output: Output, reason: FinishReason | undefined): void {
  if (reason === FinishReason.ERROR || reason === undefined) {
    output.warn("The answer broke off. Ask again.");
    throw new ToldError();
  }
  if (reason === FinishReason.LENGTH) output.warn("The answer is cut short: the model has reached its limit.");
}
