import { openBuiltInEmbedder } from "./built-in.ts";
import type { Embedder } from "./embedder.ts";
import { openHttpEmbedder } from "./http.ts";
import { openOnnxEmbedder } from "./onnx.ts";
import { rememberQueries } from "./remember-queries.ts";

export type { Embedder } from "./embedder.ts";

/** Which embedder serves: the model inside the npm package, one in a local folder, or one behind a provider. */
export type EmbedderConfig =
  | { readonly provider: "built-in" }
  | { readonly provider: "onnx"; readonly folder: string }
  | { readonly provider: "http"; readonly url: string; readonly name: string; readonly apiKey: string | undefined };

/** Opens the embedder that the configuration names. Throws a StartError where its model cannot be loaded. */
export async function openEmbedder(config: EmbedderConfig): Promise<Embedder> {
  return rememberQueries(await open(config));
}

async function open(config: EmbedderConfig): Promise<Embedder> {
  switch (config.provider) {
    case "built-in":
      return openBuiltInEmbedder();
    case "onnx":
      return openOnnxEmbedder(config.folder);
    case "http":
      return openHttpEmbedder(config);
  }
}
