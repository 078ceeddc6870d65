import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { toStandAlone } from "../answering/stand-alone.ts";
import { isWorthAsking } from "../answering/worth-asking.ts";
import {
  type Ending,
  type Generator,
  type GeneratorRequest,
  ModelUnavailableError,
  type Utterance,
} from "./generator.ts";
import { toAnswerPrompt, toStandAlonePrompt } from "./prompt.ts";
import { createOpeningReader } from "./read-opening.ts";
import { defaultSilenceMs, type ModelOptions, streamChat } from "./stream-chat.ts";

const maxTokens = 900;
/** Whatever a model takes for its limit. */
const maxCharacters = 12_000;
/** What it may add to saying that there is no answer. */
const maxIgnored = 500;
const rewriteTimeoutMs = 2_500;
const maxRewritten = 500;

/** Has a model of any OpenAI-compatible provider answer, from the passages alone. */
export function createOpenAiCompatible(model: ModelOptions): Generator {
  return {
    passageLimit: 8,
    async standAlone(question, turns, signal) {
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(rewriteTimeoutMs)]);
        const rewritten = await readLine(streamChat(model, toStandAlonePrompt(question, turns), 120, limit));
        if (rewritten) return rewritten;
      } catch {
        signal.throwIfAborted();
      }
      return toStandAlone(question, turns);
    },
    async *answer(request, signal): AsyncGenerator<Utterance, Ending> {
      const counted = { inputTokens: 0, outputTokens: 0 };
      if (!isWorthAsking(request.retrieval)) return { reason: FinishReason.NOT_IN_FILES, ...counted };
      const opening = createOpeningReader();
      let reason: FinishReason = FinishReason.STOP;
      let length = 0;
      let ignored = 0;
      for await (const event of streamChat(patient(model, request), toAnswerPrompt(request), maxTokens, signal)) {
        if ("inputTokens" in event) Object.assign(counted, event);
        else if ("end" in event) reason = event.end === "length" ? FinishReason.LENGTH : FinishReason.STOP;
        else {
          const words = opening.push(event.words);
          if (words) yield { words };
          length += words.length;
          ignored += opening.isNotInFiles ? event.words.length : 0;
          if (length > maxCharacters || ignored > maxIgnored) {
            reason = FinishReason.LENGTH;
            break;
          }
        }
      }
      if (opening.isNotInFiles) return { reason: FinishReason.NOT_IN_FILES, ...counted };
      const words = opening.end();
      if (words) yield { words };
      if (length + words.length === 0) throw new ModelUnavailableError("The model says nothing.");
      return { reason, ...counted };
    },
  };
}

/** The model, with what is left of the asker's patience where it may have been asked for the question before. */
function patient(model: ModelOptions, { turns }: GeneratorRequest): ModelOptions {
  const { silenceMs = defaultSilenceMs } = model;
  return turns.length > 0 ? { ...model, silenceMs: Math.min(silenceMs, defaultSilenceMs - rewriteTimeoutMs) } : model;
}

/** The one line that a model says; undefined if it says nothing, or too much. */
async function readLine(events: ReturnType<typeof streamChat>): Promise<string | undefined> {
  const opening = createOpeningReader();
  let said = "";
  for await (const event of events) {
    if ("words" in event) said += opening.push(event.words);
    if (said.length > maxRewritten) return undefined;
  }
  const line = (said + opening.end())
    .replace(/\s+/g, " ")
    .replace(/^["“«]|["”»]$/g, "")
    .trim();
  return line || undefined;
}
