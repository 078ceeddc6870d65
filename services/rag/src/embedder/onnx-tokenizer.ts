import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";

/** A model's tokenizer, from the files beside it. */
export type ModelTokenizer = {
  /** Token ids with those that begin and end a text, at most `maxTokens`. */
  encode(text: string): number[];
  readonly maxTokens: number;
  /** Whether the model was made for the language this text is in, as far as its vocabulary tells. */
  canRead(text: string): boolean;
};

/** What is used of a Tokenizer, whose own types TypeScript does not find under Node's module rules. */
type Tokens = { encode(text: string): { readonly ids: number[] }; tokenize(text: string): string[] };
type Json = { readonly [name: string]: unknown };

const longestInput = 512;
/** Larger vocabularies are those of models for many languages. */
const manyLanguages = 60_000;

/** Reads a tokenizer from a model's folder. */
export async function readTokenizer(folder: string): Promise<ModelTokenizer> {
  const read = async (name: string): Promise<Json> => JSON.parse(await readFile(join(folder, name), "utf8"));
  const readIfThere = (name: string): Promise<Json> =>
    read(name).catch((error) => {
      if (error.code === "ENOENT") return {};
      throw error;
    });
  const definition = await read("tokenizer.json");
  const config = await readIfThere("tokenizer_config.json");
  const { max_seq_length } = await readIfThere("sentence_bert_config.json");
  const limits = [max_seq_length, config.model_max_length, longestInput].map(Number).filter((limit) => limit >= 1);
  const maxTokens = Math.min(...limits);
  const tokenizer: Tokens = new Tokenizer(definition, config);
  return {
    maxTokens,
    canRead: createReadCheck(tokenizer, definition),
    encode(text) {
      const { ids } = tokenizer.encode(text);
      return ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ids.at(-1) as number];
    },
  };
}

/**
 * A vocabulary tells its languages: it has no token for letters of others, and cuts their words to pieces. Measured on the one
 * of MiniLM: 3.3 to 6 letters a token in English, 2.4 to 3.5 in German and Spanish, 1 in Arabic, more than half unknown in Chinese.
 */
function createReadCheck(tokenizer: Tokens, definition: Json): ModelTokenizer["canRead"] {
  const { vocab = {}, unk_token, unk_id } = definition.model as Json;
  const entries = Array.isArray(vocab) ? vocab : Object.keys(vocab as Json);
  const unknown = typeof unk_id === "number" ? entries[unk_id]?.[0] : unk_token;
  return (text) => {
    const words = text.slice(0, 4_000).match(/[\p{L}\p{M}]+/gu) ?? [];
    const tokens = tokenizer.tokenize(words.join(" "));
    if (tokens.length === 0) return false;
    const strange = tokens.filter((token) => token === unknown).length;
    if (strange > tokens.length * 0.05) return false;
    const letters = words.join("");
    const leastLetters = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(letters)
      ? 0.9
      : 3.1;
    return entries.length > manyLanguages || letters.length >= tokens.length * leastLetters;
  };
}
