import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readTokenizer } from "./onnx-tokenizer.ts";

/** What is used of `onnxruntime-node`, which not everybody installs: it is 110 MB. */
type Runtime = {
  readonly InferenceSession: { create(path: string, options: object): Promise<Session> };
  readonly Tensor: new (type: "int64", data: BigInt64Array, dims: readonly number[]) => Tensor;
};
type Session = {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
};
type Tensor = { readonly data: ArrayLike<number>; readonly dims: readonly number[] };

/** Loads a model; answers what turns a text into its unit vector. */
export async function openOnnxModel(folder: string): Promise<(text: string) => Promise<Float32Array>> {
  const { InferenceSession, Tensor } = loadRuntime(folder);
  const tokenizer = await readTokenizer(folder);
  const pool = (await takesFirstToken(folder)) ? firstRow : meanOfRows;
  const session = await InferenceSession.create(join(folder, "model.onnx"), {
    intraOpNumThreads: Math.max(1, availableParallelism() >> 1),
    logSeverityLevel: 3,
  });
  const toTensor = (values: readonly number[]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
  return async (text) => {
    // A text without a single token has no mean.
    const ids = tokenizer.encode(text);
    const tokens = ids.length > 0 ? ids : tokenizer.encode(".");
    const inputs = {
      input_ids: toTensor(tokens),
      attention_mask: toTensor(tokens.map(() => 1)),
      token_type_ids: toTensor(tokens.map(() => 0)),
    };
    const wanted = Object.entries(inputs).filter(([name]) => session.inputNames.includes(name));
    const outputs = await session.run(Object.fromEntries(wanted));
    const name = session.outputNames.find((output) => output === "sentence_embedding") ?? session.outputNames[0];
    const output = outputs[name ?? ""];
    if (!output || output.dims.length < 2) throw new Error("the model has no output of vectors");
    return toUnit(output.dims.length === 2 ? Float32Array.from(output.data) : pool(output));
  };
}

function loadRuntime(folder: string): Runtime {
  for (const from of [import.meta.url, pathToFileURL(join(folder, "model.onnx")).href]) {
    try {
      return createRequire(from)("onnxruntime-node");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new Error(
    "onnxruntime-node is not installed: ONNXRUNTIME_NODE_INSTALL=skip npm install --prefix <that folder> onnxruntime-node",
  );
}

async function takesFirstToken(folder: string): Promise<boolean> {
  try {
    const config = JSON.parse(await readFile(join(folder, "1_Pooling/config.json"), "utf8"));
    return config.pooling_mode_cls_token === true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

const firstRow = ({ data, dims }: Tensor) =>
  Float32Array.from({ length: dims.at(-1) ?? 0 }, (_, at) => data[at] as number);

function meanOfRows({ data, dims }: Tensor): Float32Array {
  const size = dims.at(-1) ?? 0;
  const mean = new Float32Array(size);
  for (let at = 0; at < data.length; at++) mean[at % size] = (mean[at % size] as number) + (data[at] as number);
  return mean;
}

function toUnit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
