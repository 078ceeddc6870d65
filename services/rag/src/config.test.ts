import { expect, test } from "vitest";
import { config } from "./config.ts";

const problemsOf = (env: Record<string, string>) =>
  (config.safeParse(env).error?.issues ?? []).map(({ path, message }) => `${path.join(".")} ${message}`);

test("without variables the embedded adapters serve", () => {
  expect(config.parse({})).toEqual({ embedder: { provider: "built-in" }, generator: { provider: "extractive" } });
});

test("a model is named by its address and its name", () => {
  const env = { RAG_MODEL_URL: "http://localhost:11434/v1", RAG_MODEL_NAME: "small", RAG_MODEL_API_KEY: "key" };
  const generator = { provider: "model", url: "http://localhost:11434/v1", name: "small", apiKey: "key" };
  expect(config.parse(env).generator).toEqual(generator);
});

test("half a configuration, and two of one thing, are told in a sentence", () => {
  expect(problemsOf({ RAG_MODEL_URL: "http://localhost/v1" })).toEqual([
    "RAG_MODEL_NAME must name the model that RAG_MODEL_URL serves",
  ]);
  expect(problemsOf({ RAG_MODEL_URL: "ftp://model", RAG_MODEL_NAME: "small" })).toEqual([
    "RAG_MODEL_URL must be an http or https URL",
  ]);
  expect(
    problemsOf({ RAG_EMBEDDER_URL: "http://localhost/v1", RAG_EMBEDDER_NAME: "e", RAG_EMBEDDER_PATH: "/m" }),
  ).toEqual(["RAG_EMBEDDER_URL and RAG_EMBEDDER_PATH name two embedders: set one"]);
});
