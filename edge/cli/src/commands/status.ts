import { existsSync } from "node:fs";
import { join } from "node:path";
import { toJson } from "@bufbuild/protobuf";
import { type Document, DocumentSchema, DocumentState, type Lyceum } from "@lyceum/client";
import { Command } from "commander";
import { ToldError } from "../failure.ts";
import type { Io } from "../io.ts";
import { type Cli, type GlobalOptions, openCli } from "../open-cli.ts";
import { type PlatformState, readPlatformAt, tellPlatform } from "../operator/tell-platform.ts";
import { toTable } from "../output.ts";
import { sayDocument } from "../say-document.ts";

export const statusCommand = (io: Io): Command =>
  new Command("status")
    .description(
      "whether the Lyceum serves, who is signed in, and which documents are in progress; for its operator, how all of it is",
    )
    .action(async (_, command: Command) => {
      const { url } = command.optsWithGlobals<GlobalOptions>();
      const cli = openCli(io, command);
      const isOperator = namesInstallation(io, url);
      await tell(cli, isOperator ? await readPlatformAt(io, command, cli.deployment.url) : undefined);
    });

async function tell({ io, lyceum, output, deployment }: Cli, platform: PlatformState | undefined): Promise<void> {
  // An operator sees what is wrong below, and no part of it keeps the rest from being seen.
  const orElse =
    <T>(value: T) =>
    (error: unknown) =>
      platform ? value : Promise.reject(error);
  const health = await readHealth(deployment.url, io.signal).catch(orElse({ status: "unreachable", lost: [] }));
  const { signedIn, unfinished } =
    health.status === "ready" ? await readPerson(lyceum, io.signal).catch(orElse(nobody)) : nobody;
  output.record({
    url: deployment.url,
    ...health,
    signedIn: signedIn ?? null,
    documents: unfinished.map((document) => toJson(DocumentSchema, document, { alwaysEmitImplicit: true })),
    ...(platform && { platform }),
  });
  output.line(`The Lyceum at ${deployment.url} is ${health.status}.`);
  if (health.lost.length > 0) output.line(`Not answering: ${health.lost.join(", ")}.`);
  output.line(signedIn ? `Signed in as ${signedIn.email}.` : "Nobody is signed in.");
  if (signedIn) output.line(unfinished.length > 0 ? "Documents in progress:" : "No documents are in progress.");
  for (const row of toTable(unfinished.map(toRow))) output.line(`  ${row}`);
  if (platform) tellPlatform(output, platform);
  if (health.status !== "ready" || health.lost.length > 0 || (platform?.problems.length ?? 0) > 0)
    throw new ToldError();
}

type Person = {
  readonly signedIn: { readonly userId: string; readonly email: string } | undefined;
  readonly unfinished: readonly Document[];
};

const nobody: Person = { signedIn: undefined, unfinished: [] };

async function readPerson(lyceum: Lyceum, signal: AbortSignal): Promise<Person> {
  const signedIn = await findPerson(lyceum, signal);
  return { signedIn, unfinished: signedIn ? await listUnfinished(lyceum, signal) : [] };
}

/** True if the variables say where an installation keeps its data, or if `npm start` keeps it here and no other was asked about. */
function namesInstallation({ variables }: Io, url: string | undefined): boolean {
  const named = Object.entries(variables).some(([name, value]) => value && installation.test(name));
  return named || (!url && !variables.LYCEUM_URL && existsSync(join("data", "postgres")));
}

const installation = /^(LYCEUM_HOME|KAFKA_BROKERS|[A-Z]+_DATABASE_URL)$/;

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
