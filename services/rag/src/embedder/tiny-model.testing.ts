/** A model folder as small as can be: each word of a list has a vector of its own, a text's is their mean. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRandom } from "@lyceum/testing/create-random.ts";

const special = ["[UNK]", "[CLS]", "[SEP]"];
const dimensions = 32;

/** Writes `model.onnx` and `tokenizer.json` for these words into a folder. */
export async function writeTinyModel(folder: string, words: readonly string[]): Promise<void> {
  const vocab = Object.fromEntries([...special, ...words].map((word, id) => [word, id]));
  const part = (id: string) => ({ id, ids: [vocab[id]], tokens: [id] });
  const tokenizer = {
    version: "1.0",
    added_tokens: special.map((content) => ({ id: vocab[content], content, special: true, normalized: false })),
    normalizer: { type: "Lowercase" },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: "[CLS]", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "[SEP]", type_id: 0 } },
      ],
      pair: [],
      special_tokens: { "[CLS]": part("[CLS]"), "[SEP]": part("[SEP]") },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", vocab },
  };
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  await writeFile(join(folder, "model.onnx"), createModel(Object.keys(vocab).length));
}

/** A ModelProto (onnx.proto3) of one Gather: rows of a table by `input_ids`. */
function createModel(rows: number): Uint8Array {
  const random = createRandom(3);
  const table = Float32Array.from({ length: rows * dimensions }, (_, at) =>
    at < special.length * dimensions ? 0.001 : random(2_001) / 1_000 - 1,
  );
  const float = 1;
  const int64 = 7;
  const initializer = message(
    ...[rows, dimensions].map((size) => varintField(1, size)),
    varintField(2, float),
    bytesField(8, text("table")),
    bytesField(9, new Uint8Array(table.buffer)),
  );
  const node = message(
    bytesField(1, text("table")),
    bytesField(1, text("input_ids")),
    bytesField(2, text("last_hidden_state")),
    bytesField(4, text("Gather")),
  );
  const tensor = (name: string, type: number, sizes: readonly (number | string)[]) => {
    const shape = message(
      ...sizes.map((size) =>
        bytesField(1, typeof size === "number" ? varintField(1, size) : bytesField(2, text(size))),
      ),
    );
    return message(
      bytesField(1, text(name)),
      bytesField(2, bytesField(1, message(varintField(1, type), bytesField(2, shape)))),
    );
  };
  const graph = message(
    bytesField(1, node),
    bytesField(2, text("tiny")),
    bytesField(5, initializer),
    bytesField(11, tensor("input_ids", int64, ["batch", "tokens"])),
    bytesField(12, tensor("last_hidden_state", float, ["batch", "tokens", dimensions])),
  );
  return message(varintField(1, 8), bytesField(7, graph), bytesField(8, varintField(2, 13)));
}

const text = (value: string) => new TextEncoder().encode(value);
const message = (...fields: readonly Uint8Array[]) => Buffer.concat(fields);
const varintField = (field: number, value: number) => Buffer.concat([varint(field << 3), varint(value)]);
const bytesField = (field: number, bytes: Uint8Array) =>
  Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Uint8Array.from([...bytes, rest]);
}
