import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions, type Client, Code, ConnectError } from "@connectrpc/connect";
import { type AskRequestSchema, type AskResponse, AskResponseSchema, type RagService } from "./contract.ts";
import { problemOf } from "./problem.ts";
import { rest } from "./rest.ts";

/** Waits before an answer is looked for again that broke off on its way; a piece that comes begins them anew. */
const waitsMs = [250, 1_000, 2_000, 4_000, 8_000, 16_000];

/**
 * Asks, and reads the answer to its end over lost connections and restarts: each word and citation once. An answer goes on
 * when its reader leaves; StopAnswer ends it.
 */
export async function* ask(
  rag: Client<typeof RagService>,
  request: MessageInitShape<typeof AskRequestSchema>,
  { signal, ...options }: CallOptions = {},
): AsyncGenerator<AskResponse> {
  // Leaving its loop does not end a stream of Connect's.
  const left = new AbortController();
  const call = { ...options, signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal };
  const had = { answerId: "", length: 0, numbers: new Set<number>() };
  let pieces: AsyncIterable<Pick<AskResponse, "event">> = rag.ask(request, call);
  try {
    for (let failures = 0; ; failures += 1) {
      try {
        let read = 0;
        for await (const { event } of pieces) {
          const fresh = toFresh(event, had, read);
          if (event.case === "delta") read += event.value.text.length;
          if (fresh.case === undefined) continue;
          failures = 0;
          yield create(AskResponseSchema, { event: fresh });
          if (fresh.case === "done") return;
        }
        throw new ConnectError("The answer broke off.", Code.Unavailable);
      } catch (error) {
        if (!had.answerId || !mayResume(error, failures) || call.signal.aborted || failures >= waitsMs.length)
          throw error;
        await rest(waitsMs[failures] ?? 0, call.signal);
        pieces = rag.resumeAnswer({ answerId: had.answerId }, call);
      }
    }
  } finally {
    left.abort();
  }
}

type Event = AskResponse["event"];
type Had = { answerId: string; length: number; readonly numbers: Set<number> };

/** What is new in a piece that begins at character `at` of the text; an answer that is resumed comes from its beginning. */
function toFresh(event: Event, had: Had, at: number): Event {
  const nothing = { case: undefined };
  switch (event.case) {
    case "retrieved": {
      if (had.answerId) return nothing;
      had.answerId = event.value.answerId;
      return event;
    }
    case "delta": {
      const text = event.value.text.slice(Math.max(0, had.length - at));
      had.length += text.length;
      return text ? { case: "delta", value: { ...event.value, text } } : nothing;
    }
    case "citation": {
      if (had.numbers.has(event.value.number)) return nothing;
      had.numbers.add(event.value.number);
      return event;
    }
    default:
      return event;
  }
}

/**
 * Whether the way there failed, and not the answer: a model that does says so by a reason of its own. A session that ends may have
 * given way to another one, which the next try shows.
 */
function mayResume(error: unknown, failures: number): boolean {
  const { code, reason } = problemOf(error);
  if (reason === "SESSION_REVOKED") return failures === 0;
  return code === "unavailable" && reason !== "MODEL_UNAVAILABLE";
}
