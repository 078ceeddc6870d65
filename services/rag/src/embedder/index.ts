import { openBuiltInEmbedder } from "./built-in.ts";
import type { Embedder } from "./embedder.ts";

export { type Embedder, EmbedderUnavailableError } from "./embedder.ts";

/** The embedder that the configuration names: the model inside the npm package, as long as there is no other. */
export function openEmbedder(): Embedder {
  return openBuiltInEmbedder();
}
