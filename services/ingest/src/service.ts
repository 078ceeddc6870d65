import { join } from "node:path";
import { documentFailed } from "@lyceum/gen/events/lyceum/ingest/v1/document_failed.ts";
import { documentParsed } from "@lyceum/gen/events/lyceum/ingest/v1/document_parsed.ts";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import { defineService } from "@lyceum/service";
import { openChanges } from "./changes.ts";
import { config } from "./config.ts";
import type { Context } from "./context.ts";
import { createParseJob } from "./jobs/parse.ts";
import { onFileDeleted } from "./on/file-deleted.ts";
import { onFilePurged } from "./on/file-purged.ts";
import { onFileRestored } from "./on/file-restored.ts";
import { onFileUploaded } from "./on/file-uploaded.ts";
import { onIndexProgress } from "./on/index-progress.ts";
import { defaultLimits } from "./parsing/limits.ts";
import { openParserPool, parseChildEntry } from "./parsing/parser-pool.ts";
import { batchGetPassages } from "./rpc/batch-get-passages.ts";
import { batchLocateQuotes } from "./rpc/batch-locate-quotes.ts";
import { cancelDocument } from "./rpc/cancel-document.ts";
import { getDocument } from "./rpc/get-document.ts";
import { getDocumentText } from "./rpc/get-document-text.ts";
import { listDocuments } from "./rpc/list-documents.ts";
import { listPassages } from "./rpc/list-passages.ts";
import { retryDocument } from "./rpc/retry-document.ts";
import { streamPassages } from "./rpc/stream-passages.ts";
import { watchDocuments } from "./rpc/watch-documents.ts";

/** How files are read; everything has the product's default. */
export type IngestOptions = {
  readonly limits?: Partial<typeof defaultLimits>;
  /** The program of the child process that parses. */
  readonly parseChild?: URL;
  /** How many files are read at once in this process. */
  readonly concurrency?: number;
};

/** Turns files into text and passages. */
export const createIngestService = (options: IngestOptions = {}) =>
  defineService({
    name: "ingest",
    rpcs: [IngestService, IngestInternalService],
    publishes: [documentParsed, documentFailed],
    migrations: join(import.meta.dirname, "migrations"),
    config,
    async open({ home, database, events, clients, jobs }) {
      const changes = await openChanges(database, events);
      const limits = { ...defaultLimits, ...options.limits };
      const pool = await openParserPool(join(home, "parsing"), limits, options.parseChild ?? parseChildEntry);
      const ctx: Context = { database, events, clients, jobs, changes };
      return {
        routes: (router) =>
          router
            .service(IngestService, {
              getDocument: getDocument(ctx),
              listDocuments: listDocuments(ctx),
              watchDocuments: watchDocuments(ctx),
              retryDocument: retryDocument(ctx),
              cancelDocument: cancelDocument(ctx),
              getDocumentText: getDocumentText(ctx),
              listPassages: listPassages(ctx),
            })
            .service(IngestInternalService, {
              streamPassages: streamPassages(ctx),
              batchGetPassages: batchGetPassages(ctx),
              batchLocateQuotes: batchLocateQuotes(ctx),
            }),
        handlers: [
          onFileUploaded(ctx),
          onFileDeleted(ctx),
          onFileRestored(ctx),
          onFilePurged(ctx),
          ...onIndexProgress(ctx),
        ],
        jobs: [createParseJob(ctx, pool, options.concurrency ?? 4)],
        dispose: async () => {
          await pool[Symbol.asyncDispose]();
          await changes[Symbol.asyncDispose]();
        },
      };
    },
  });

/** Ingest as the product runs it. */
export const ingestService = createIngestService();
