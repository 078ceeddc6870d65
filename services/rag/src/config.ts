import { z } from "zod";
import type { EmbedderConfig } from "./embedder/index.ts";

/** What rag reads from the environment. */
export const config = z
  .object({
    RAG_EMBEDDER_URL: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(),
    RAG_EMBEDDER_NAME: z.string().optional(),
    RAG_EMBEDDER_API_KEY: z.string().optional(),
    RAG_EMBEDDER_PATH: z.string().optional(),
  })
  .refine(({ RAG_EMBEDDER_URL, RAG_EMBEDDER_PATH }) => !RAG_EMBEDDER_URL || !RAG_EMBEDDER_PATH, {
    path: ["RAG_EMBEDDER_URL"],
    error: "and RAG_EMBEDDER_PATH name two embedders: set one",
  })
  .refine(({ RAG_EMBEDDER_URL, RAG_EMBEDDER_NAME }) => !RAG_EMBEDDER_URL || RAG_EMBEDDER_NAME, {
    path: ["RAG_EMBEDDER_NAME"],
    error: "must name the model that RAG_EMBEDDER_URL serves",
  })
  .transform((env): { embedder: EmbedderConfig } => ({
    embedder: toEmbedderConfig(env),
  }));

function toEmbedderConfig(env: {
  RAG_EMBEDDER_URL?: string | undefined;
  RAG_EMBEDDER_NAME?: string | undefined;
  RAG_EMBEDDER_API_KEY?: string | undefined;
  RAG_EMBEDDER_PATH?: string | undefined;
}): EmbedderConfig {
  if (env.RAG_EMBEDDER_PATH) return { provider: "onnx", folder: env.RAG_EMBEDDER_PATH };
  if (!env.RAG_EMBEDDER_URL) return { provider: "built-in" };
  const { RAG_EMBEDDER_URL: url, RAG_EMBEDDER_NAME: name = "", RAG_EMBEDDER_API_KEY: apiKey } = env;
  return { provider: "http", url, name, apiKey };
}
