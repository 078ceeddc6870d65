import type { HandlerContext } from "@connectrpc/connect";
import { personOf } from "@lyceum/service";
import type { Context } from "./context.ts";
import { type Reader, readAsCaller } from "./reader.ts";

const againAfterMs = 45_000;
const timeoutMs = 20_000;
const maxRemembered = 1_000;

/** Does ahead what a person's first question would wait for. */
export type WarmUp = (call: HandlerContext) => void;

/** Has the embedder load its model and the searcher a person's files, at most once in a while, when they look at what they asked before. */
export function createWarmUp(
  ctx: Pick<Context, "clients" | "database" | "embedder" | "searcher" | "vectors" | "log">,
): WarmUp {
  const warmedMs = new Map<string, number>();
  return (call) => {
    const { userId } = personOf(call);
    const now = Date.now();
    if (now - (warmedMs.get(userId) ?? 0) < againAfterMs) return;
    if (warmedMs.size >= maxRemembered) warmedMs.clear();
    warmedMs.set(userId, now);
    warm(ctx, readAsCaller(ctx, call)).catch((error) => ctx.log.debug({ err: error }, "Nothing could be done ahead."));
  };
}

async function warm(
  { embedder, searcher, vectors }: Pick<Context, "embedder" | "searcher" | "vectors">,
  reader: Reader,
): Promise<void> {
  const { model, weight, nearness } = embedder;
  const scope = await reader.listScope(model);
  if (scope.length === 0) return;
  const signal = AbortSignal.timeout(timeoutMs);
  // As bulk, so that it never holds up a question nor is remembered as one.
  const [embedded] = await embedder.embed(["A question."], "bulk", signal);
  const vector = vectors.isApart ? undefined : embedded;
  await searcher.search({ query: "question", scope, vector, weight, nearness, limit: 1 }, signal);
}
