import type { Embedder } from "../embedder/embedder.ts";
import { createExtractive } from "./extractive.ts";
import { testGenerator } from "./generator-contract.ts";

/** Nothing here has a vector, so none is asked for. */
const embedder: Embedder = {
  model: "none",
  weight: 0,
  nearness: 1,
  canRead: () => false,
  embed: async () => [],
  async [Symbol.asyncDispose]() {},
};

testGenerator("extractive", async () => ({
  generator: createExtractive(embedder),
  async [Symbol.asyncDispose]() {},
}));
