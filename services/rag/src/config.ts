import { z } from "zod";
import type { EmbedderConfig } from "./embedder/index.ts";
import type { GeneratorConfig } from "./generator/index.ts";
import type { QdrantIndexOptions } from "./vectors/qdrant-index.ts";

const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional();

/** What rag reads from the environment. */
export const config = z
  .object({
    RAG_MODEL_URL: httpUrl,
    RAG_MODEL_NAME: z.string().optional(),
    RAG_MODEL_API_KEY: z.string().optional(),
    RAG_EMBEDDER_URL: httpUrl,
    RAG_EMBEDDER_NAME: z.string().optional(),
    RAG_EMBEDDER_API_KEY: z.string().optional(),
    RAG_EMBEDDER_PATH: z.string().optional(),
    RAG_QDRANT_URL: httpUrl,
    RAG_QDRANT_API_KEY: z.string().optional(),
    RAG_QDRANT_NAMESPACE: z
      .string()
      .regex(/^[a-zA-Z0-9._-]{0,64}$/, "must be at most 64 of letters, digits, . _ -")
      .default(""),
  })
  .refine(({ RAG_EMBEDDER_URL, RAG_EMBEDDER_PATH }) => !RAG_EMBEDDER_URL || !RAG_EMBEDDER_PATH, {
    path: ["RAG_EMBEDDER_URL"],
    error: "and RAG_EMBEDDER_PATH name two embedders: set one",
  })
  .refine(({ RAG_EMBEDDER_URL, RAG_EMBEDDER_NAME }) => !RAG_EMBEDDER_URL || RAG_EMBEDDER_NAME, {
    path: ["RAG_EMBEDDER_NAME"],
    error: "must name the model that RAG_EMBEDDER_URL serves",
  })
  .refine(({ RAG_MODEL_URL, RAG_MODEL_NAME }) => !RAG_MODEL_URL || RAG_MODEL_NAME, {
    path: ["RAG_MODEL_NAME"],
    error: "must name the model that RAG_MODEL_URL serves",
  })
  .refine(({ RAG_QDRANT_URL, RAG_QDRANT_API_KEY }) => RAG_QDRANT_URL || !RAG_QDRANT_API_KEY, {
    path: ["RAG_QDRANT_URL"],
    error: "must name the Qdrant that RAG_QDRANT_API_KEY opens",
  })
  .transform((env): { embedder: EmbedderConfig; generator: GeneratorConfig; vectors: VectorSettings } => ({
    embedder: toEmbedderConfig(env),
    generator: toGeneratorConfig(env),
    vectors: toVectorSettings(env),
  }));

/** The engine that compares vectors. */
export type VectorSettings = { readonly provider: "embedded" } | ({ readonly provider: "qdrant" } & QdrantIndexOptions);

function toVectorSettings(env: {
  RAG_QDRANT_URL?: string | undefined;
  RAG_QDRANT_API_KEY?: string | undefined;
  RAG_QDRANT_NAMESPACE: string;
}): VectorSettings {
  const { RAG_QDRANT_URL: url, RAG_QDRANT_API_KEY: apiKey, RAG_QDRANT_NAMESPACE: namespace } = env;
  return url ? { provider: "qdrant", url, apiKey, namespace } : { provider: "embedded" };
}

function toGeneratorConfig(env: {
  RAG_MODEL_URL?: string | undefined;
  RAG_MODEL_NAME?: string | undefined;
  RAG_MODEL_API_KEY?: string | undefined;
}): GeneratorConfig {
  const { RAG_MODEL_URL: url, RAG_MODEL_NAME: name = "", RAG_MODEL_API_KEY: apiKey } = env;
  return url ? { provider: "model", url, name, apiKey } : { provider: "extractive" };
}

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
