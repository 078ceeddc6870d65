import { join } from "node:path";
import { answerFinished } from "@lyceum/gen/events/lyceum/rag/v1/answer_finished.ts";
import { documentIndexFailed } from "@lyceum/gen/events/lyceum/rag/v1/document_index_failed.ts";
import { documentIndexed } from "@lyceum/gen/events/lyceum/rag/v1/document_indexed.ts";
import { documentSearchable } from "@lyceum/gen/events/lyceum/rag/v1/document_searchable.ts";
import { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { defineService } from "@lyceum/service";
import { type AnsweringContext, endAbandoned, openAnswerRunner } from "./answer-runner.ts";
import { config } from "./config.ts";
import type { Context } from "./context.ts";
import { type Embedder, openEmbedder } from "./embedder/index.ts";
import { hearForgotten } from "./forget-file.ts";
import type { Generator } from "./generator/generator.ts";
import { openGenerator } from "./generator/index.ts";
import { createAssistJob } from "./jobs/assist.ts";
import { createReembedJob, requestReembedding, requestRefilling } from "./jobs/reembed.ts";
import { onAssistantAsked } from "./on/assistant-asked.ts";
import { createReadModelWork, readModel } from "./read-model.ts";
import { ask } from "./rpc/ask.ts";
import { createConversation } from "./rpc/create-conversation.ts";
import { deleteConversation } from "./rpc/delete-conversation.ts";
import { getAnswer } from "./rpc/get-answer.ts";
import { getConversation } from "./rpc/get-conversation.ts";
import { listConversations } from "./rpc/list-conversations.ts";
import { rateAnswer } from "./rpc/rate-answer.ts";
import { resumeAnswer } from "./rpc/resume-answer.ts";
import { search } from "./rpc/search.ts";
import { stopAnswer } from "./rpc/stop-answer.ts";
import { openSearcher } from "./searching/searcher.ts";
import { openVectorIndex } from "./vectors/index.ts";
import { createWarmUp } from "./warm-up.ts";

/** How rag works; everything has the product's default. */
export type RagOptions = {
  /** Opens the embedder in place of the one the configuration names. */
  readonly openEmbedder?: () => Embedder;
  /** Opens the generator in place of the one the configuration names. */
  readonly openGenerator?: () => Generator;
};

const qdrant = "Qdrant (RAG_QDRANT_URL)";
const pingMs = 5_000;

/** Finds passages and answers questions. */
export const createRagService = (options: RagOptions = {}) =>
  defineService({
    name: "rag",
    rpcs: [RagService],
    publishes: [documentSearchable, documentIndexed, documentIndexFailed, answerFinished],
    migrations: join(import.meta.dirname, "migrations"),
    readModel,
    config,
    async open({ database, events, clients, jobs, log, patience }, settings) {
      const embedder = options.openEmbedder?.() ?? (await openEmbedder(settings.embedder));
      const searcher = openSearcher(database, embedder.model);
      const generator = options.openGenerator?.() ?? openGenerator(settings.generator, embedder);
      const onLost = () => void refill().catch((err) => log.warn({ err }, "A lost vector index cannot be filled now."));
      const vectors = await patience(qdrant, () =>
        openVectorIndex(settings.vectors, { model: embedder.model, onLost }),
      );
      const base: Context = { database, events, clients, jobs, log, embedder, searcher, vectors, generator };
      const refill = () => requestRefilling(base);
      const answers = await openAnswerRunner(base);
      const ctx: AnsweringContext = { ...base, answers };
      const index = createReadModelWork(ctx);
      const warmUp = createWarmUp(ctx);
      const forgotten = await hearForgotten(events, searcher);
      await endAbandoned(ctx);
      await requestReembedding(ctx);
      return {
        routes: (router) =>
          router.service(RagService, {
            search: search(ctx),
            ask: ask(ctx),
            getAnswer: getAnswer(ctx),
            resumeAnswer: resumeAnswer(ctx),
            stopAnswer: stopAnswer(ctx),
            rateAnswer: rateAnswer(ctx),
            createConversation: createConversation(ctx, warmUp),
            getConversation: getConversation(ctx, warmUp),
            listConversations: listConversations(ctx, warmUp),
            deleteConversation: deleteConversation(ctx),
          }),
        engines: vectors.isApart
          ? [{ name: qdrant, provider: "Qdrant", ping: () => vectors.readFullness(AbortSignal.timeout(pingMs)) }]
          : [],
        handlers: [...index.handlers, onAssistantAsked(ctx)],
        jobs: [...index.jobs, createReembedJob(ctx), createAssistJob(ctx)],
        readModelOn: (host) =>
          createReadModelWork({ ...base, database: host.database, events: host.events, jobs: host.jobs }),
        dispose: async () => {
          await answers[Symbol.asyncDispose]();
          await forgotten[Symbol.asyncDispose]();
          await searcher[Symbol.asyncDispose]();
          await vectors[Symbol.asyncDispose]();
          await embedder[Symbol.asyncDispose]();
        },
      };
    },
  });

/** Rag as the product runs it. */
export const ragService = createRagService();
