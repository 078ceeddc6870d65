import { expect, test } from "vitest";
import { config } from "./config.ts";

const messageOf = (env: Record<string, string>) =>
  config.safeParse(env).error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`);

test("the embedder is built in unless one is named", () => {
  expect(config.parse({}).embedder).toEqual({ provider: "built-in" });
  expect(config.parse({ RAG_EMBEDDER_PATH: "/models/minilm" }).embedder).toEqual({
    provider: "onnx",
    folder: "/models/minilm",
  });
  const env = { RAG_EMBEDDER_URL: "http://localhost:11434/v1", RAG_EMBEDDER_NAME: "nomic", RAG_EMBEDDER_API_KEY: "k" };
  expect(config.parse(env).embedder).toEqual({
    provider: "http",
    url: "http://localhost:11434/v1",
    name: "nomic",
    apiKey: "k",
  });
});

test("two embedders end the start with the names of both", () => {
  const env = { RAG_EMBEDDER_URL: "http://localhost/v1", RAG_EMBEDDER_NAME: "nomic", RAG_EMBEDDER_PATH: "/models" };
  expect(messageOf(env)).toEqual(["RAG_EMBEDDER_URL and RAG_EMBEDDER_PATH name two embedders: set one"]);
});

test("a provider needs an address and the model's name", () => {
  expect(messageOf({ RAG_EMBEDDER_URL: "http://localhost/v1" })).toEqual([
    "RAG_EMBEDDER_NAME must name the model that RAG_EMBEDDER_URL serves",
  ]);
  expect(messageOf({ RAG_EMBEDDER_URL: "localhost", RAG_EMBEDDER_NAME: "nomic" })).toEqual([
    "RAG_EMBEDDER_URL must be an http or https URL",
  ]);
});
