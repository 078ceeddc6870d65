import type { Embedder } from "../embedder/embedder.ts";
import { createExtractive } from "./extractive.ts";
import type { Generator } from "./generator.ts";
import { createOpenAiCompatible } from "./openai-compatible.ts";

/** Who answers: the best sentences themselves, or a model behind a provider. */
export type GeneratorConfig =
  | { readonly provider: "extractive" }
  | { readonly provider: "model"; readonly url: string; readonly name: string; readonly apiKey: string | undefined };

/** The generator that the configuration names. */
export function openGenerator(config: GeneratorConfig, embedder: Embedder): Generator {
  return config.provider === "model" ? createOpenAiCompatible(config) : createExtractive(embedder);
}
