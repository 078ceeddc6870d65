import type { VectorSettings } from "../config.ts";
import { openEmbeddedIndex } from "./embedded.ts";
import { type IndexContext, openQdrantIndex } from "./qdrant-index.ts";
import type { VectorIndex } from "./vector-index.ts";

/** Opens the engine that compares vectors: Qdrant, or the search worker with the rows in the database. */
export async function openVectorIndex(settings: VectorSettings, context: IndexContext): Promise<VectorIndex> {
  return settings.provider === "qdrant" ? openQdrantIndex(settings, context) : openEmbeddedIndex();
}
