import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { extractSentences } from "../answering/extract.ts";
import { toStandAlone } from "../answering/stand-alone.ts";
import type { Embedder } from "../embedder/embedder.ts";
import type { Generator } from "./generator.ts";

/** Answers with the best sentences, verbatim, without a model: the same question has the same answer. */
export function createExtractive(embedder: Embedder): Generator {
  return {
    passageLimit: 5,
    async standAlone(question, turns) {
      return toStandAlone(question, turns);
    },
    async *answer({ retrieval }, signal) {
      signal.throwIfAborted();
      const quotes = await extractSentences(retrieval, embedder, signal);
      if (quotes.length > 0) yield { quotes };
      const reason = quotes.length > 0 ? FinishReason.STOP : FinishReason.NOT_IN_FILES;
      return { reason, inputTokens: 0, outputTokens: 0 };
    },
  };
}
