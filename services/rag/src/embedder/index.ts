import { openBuiltInEmbedder } from "./built-in.ts";
import type { Embedder } from "./embedder.ts";
import { rememberQueries } from "./remember-queries.ts";

export type { Embedder } from "./embedder.ts";

/** The embedder that the configuration names: the model inside the npm package, as long as there is no other. */
export function openEmbedder(): Embedder {
  return rememberQueries(openBuiltInEmbedder());
}
