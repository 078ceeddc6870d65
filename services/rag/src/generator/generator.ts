import type { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import type { Extract } from "../answering/extract.ts";
import type { Retrieval } from "../retrieval.ts";

/** What was said earlier, by whoever asks or in answer to them. */
export type Turn = { readonly asker: boolean; readonly text: string };

/** A question with what was found for it. */
export type GeneratorRequest = {
  readonly question: string;
  /** Earlier turns, the oldest first. */
  readonly turns: readonly Turn[];
  readonly retrieval: Retrieval;
};

/**
 * A piece of an answer: sentences of passages, verbatim; or words, in which `[n]` claims the nth passage of the request, counted
 * from 1, as the support of the sentence. Such claims are not to be trusted, and a mark may be split over pieces.
 */
export type Utterance = { readonly quotes: readonly Extract[] } | { readonly words: string };

/** How an answer ended: by itself, at the model's limit of length, or because it is not in the files. */
export type Ending = {
  readonly reason: FinishReason;
  /** Tokens as the model counted them; 0 without a model. */
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/** Puts into words what a search found. */
export interface Generator {
  /** How many passages it draws on. */
  readonly passageLimit: number;
  /**
   * A question that goes on from earlier turns, put so that a search understands it alone. Takes at most a few seconds, and
   * does without the model if that fails.
   */
  standAlone(question: string, turns: readonly Turn[], signal: AbortSignal): Promise<string>;
  /**
   * Answers from these passages alone, piece by piece; says nothing, and ends NOT_IN_FILES, where they do not answer. Throws
   * ModelUnavailableError within 10 s of silence, also in the middle, or the signal's reason.
   */
  answer(request: GeneratorRequest, signal: AbortSignal): AsyncGenerator<Utterance, Ending>;
}

/** The model cannot be reached, refuses, is silent, or sends what is no answer. The message holds no secret and no text. */
export class ModelUnavailableError extends Error {
  override readonly name = "ModelUnavailableError";
}
