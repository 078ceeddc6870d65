import { toJson } from "@bufbuild/protobuf";
import { type Document, DocumentSchema, DocumentState, type Lyceum } from "@lyceum/client";
import { Command } from "commander";
import { ToldError } from "../failure.ts";
import type { Io } from "../io.ts";
import { openCli } from "../open-cli.ts";
import { toTable } from "../output.ts";
import { sayDocument } from "../say-document.ts";

export const statusCommand = (io: Io): Command =>
  new Command("status")
    .description("whether the Lyceum serves, who is signed in, and which documents are in progress")
    .action(async (_, command: Command) => {
      const { lyceum, output, deployment } = openCli(io, command);
      const health = await readHealth(deployment.url, io.signal);
      const person = health.status === "ready" ? await findPerson(lyceum, io.signal) : undefined;
      const unfinished = person ? await listUnfinished(lyceum, io.signal) : [];
      output.record({
        url: deployment.url,
        ...health,
        signedIn: person ?? null,
        documents: unfinished.map((document) => toJson(DocumentSchema, document, { alwaysEmitImplicit: true })),
      });
      output.line(`The Lyceum at ${deployment.url} is ${health.status}.`);
      if (health.lost.length > 0) output.line(`Not answering: ${health.lost.join(", ")}.`);
      output.line(person ? `Signed in as ${person.email}.` : "Nobody is signed in.");
      if (person) output.line(unfinished.length > 0 ? "Documents in progress:" : "No documents are in progress.");
      for (const row of toTable(unfinished.map(toRow))) output.line(`  ${row}`);
      if (health.status !== "ready" || health.lost.length > 0) throw new ToldError();
    });

type Health = { readonly status: string; readonly lost: readonly string[] };

/** `/readyz`: `ready`, or why not, and the engines that do not answer. */
async function readHealth(url: string, signal: AbortSignal): Promise<Health> {
  const res = await fetch(`${url}/readyz`, { signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]) });
  const health = (await res.json().catch(() => ({}))) as Partial<Health>;
  return { status: health.status ?? `answering ${res.status}`, lost: health.lost ?? [] };
}

/** Whoever is signed in here, if the Lyceum agrees. */
async function findPerson(lyceum: Lyceum, signal: AbortSignal) {
  if (!lyceum.session.current()) return undefined;
  const { user } = await lyceum.identity.getAccount({}, { signal });
  return user && { userId: user.id, email: user.email };
}

/** As far back as anybody waits. */
const lookedAt = 1_000;

async function listUnfinished(lyceum: Lyceum, signal: AbortSignal): Promise<Document[]> {
  const seen: Document[] = [];
  for (let pageToken = "", more = true; more; more = pageToken !== "" && seen.length < lookedAt) {
    const page = await lyceum.ingest.listDocuments({ pageSize: 250, pageToken }, { signal });
    seen.push(...page.documents);
    pageToken = page.nextPageToken;
  }
  return seen.filter(({ state }) => state !== DocumentState.READY && state !== DocumentState.FAILED);
}

const toRow = (document: Document): string[] => [document.fileId, document.fileName, sayDocument(document)];
