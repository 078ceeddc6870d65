import { expect, test } from "vitest";
import { config } from "./config.ts";

const problemsOf = (env: Record<string, string>) =>
  (config.safeParse(env).error?.issues ?? []).map(({ path, message }) => `${path.join(".")} ${message}`);

test("without variables the embedded adapters serve", () => {
  expect(config.parse({})).toEqual({
    embedder: { provider: "built-in" },
    generator: { provider: "extractive" },
    vectors: { provider: "embedded" },
  });
});

test("a model is named by its address and its name", () => {
  const env = { RAG_MODEL_URL: "http://localhost:11434/v1", RAG_MODEL_NAME: "small", RAG_MODEL_API_KEY: "key" };
  const generator = { provider: "model", url: "http://localhost:11434/v1", name: "small", apiKey: "key" };
  expect(config.parse(env).generator).toEqual(generator);
});

test("Qdrant is named by its address; its key and a namespace are optional", () => {
  const url = "https://qdrant.example.org";
  const named = { provider: "qdrant", url, apiKey: undefined, namespace: "" };
  expect(config.parse({ RAG_QDRANT_URL: url }).vectors).toEqual(named);
  const env = { RAG_QDRANT_URL: url, RAG_QDRANT_API_KEY: "key", RAG_QDRANT_NAMESPACE: "school." };
  expect(config.parse(env).vectors).toEqual({ ...named, apiKey: "key", namespace: "school." });
  expect(problemsOf({ ...env, RAG_QDRANT_NAMESPACE: "a/b" })).toEqual([
    "RAG_QDRANT_NAMESPACE must be at most 64 of letters, digits, . _ -",
  ]);
});

test("half a configuration, and two of one thing, are told in a sentence", () => {
  expect(problemsOf({ RAG_MODEL_URL: "http://localhost/v1" })).toEqual([
    "RAG_MODEL_NAME must name the model that RAG_MODEL_URL serves",
  ]);
  expect(problemsOf({ RAG_MODEL_URL: "ftp://model", RAG_MODEL_NAME: "small" })).toEqual([
    "RAG_MODEL_URL must be an http or https URL",
  ]);
  expect(problemsOf({ RAG_QDRANT_API_KEY: "key" })).toEqual([
    "RAG_QDRANT_URL must name the Qdrant that RAG_QDRANT_API_KEY opens",
  ]);
  expect(
    problemsOf({ RAG_EMBEDDER_URL: "http://localhost/v1", RAG_EMBEDDER_NAME: "e", RAG_EMBEDDER_PATH: "/m" }),
  ).toEqual(["RAG_EMBEDDER_URL and RAG_EMBEDDER_PATH name two embedders: set one"]);
});
