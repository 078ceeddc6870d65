import { newStemmer } from "snowball-stemmers";
import { type Language, stopwordsOf } from "./languages.ts";

/** What became of a text: the terms a search compares. */
export type Analysis = {
  /** In order, with repetitions; their number is the text's length. */
  readonly terms: readonly string[];
  /** Found by a search but not counted in the length: `snake_case` as a whole, `e-mail` as `email`, a single Han character. */
  readonly extras: readonly string[];
};

/**
 * Turns text into terms: NFKC, no case, no diacritics; Snowball stems by the word's script, and within the Latin script by
 * `language`; bigrams where words have no spaces between them (Han, Kana, Thai, Lao, Khmer, Myanmar).
 */
export function analyze(text: string, language: Language): Analysis {
  const terms: string[] = [];
  const extras: string[] = [];
  for (const [token, spaceless] of readTokens(text)) {
    if (spaceless) addBigrams(token, terms, extras);
    else addWord(token, language, terms, extras);
  }
  return { terms, extras };
}

/**
 * The terms to look up for a query in files of one language, with repetitions. For every language there are as many, and
 * those at one place come from the same word.
 */
export function analyzeQuery(query: string, language: Language): string[] {
  const { terms, extras } = analyze(query, language);
  // A Han character matters by itself only where it stands alone; then it is among the terms already.
  return [...terms, ...extras.filter((extra) => !han.test(extra))];
}

/** A query without the words that say nothing in the language it is asked in, unless there are no others. */
export function dropStopwords(query: string, language: Language): string {
  const stopwords = stopwordsOf(language);
  const shouting = !/\p{Ll}/u.test(query);
  // `IT` and `WHO` are names where the rest is not in capitals too; the `e` in `20e95` is no word.
  const content = query.replace(/(?<![\p{L}\p{M}\p{N}_])[\p{L}\p{M}]+(?![\p{L}\p{M}\p{N}_])/gu, (word) =>
    stopwords.has(word.toLowerCase()) && (shouting || !/^\p{Lu}{2,}$/u.test(word)) ? " " : word,
  );
  return /[\p{L}\p{N}]/u.test(content) ? content : query;
}

const han = /^\p{Script=Han}$/u;
const fractions = /(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e\u2189])/g;
const tokens =
  /([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc]+|[\p{Script=Thai}\u0e31-\u0e4e]+|\p{Script=Lao}+|\p{Script=Khmer}+|\p{Script=Myanmar}+)|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{N}\p{M}_])+(?:(?:['’.,\-‐‑]|['’]\p{L})(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{N}\p{M}_])+)*/gu;

function* readTokens(text: string): Generator<[string, boolean]> {
  // `6½` would become `61⁄2`.
  const plain = text.replace(fractions, " ").normalize("NFKC");
  for (const match of plain.matchAll(tokens)) yield [match[0], match[1] !== undefined];
}

function addBigrams(run: string, terms: string[], extras: string[]): void {
  const characters = [...run];
  if (characters.length === 1) terms.push(run);
  for (let at = 0; at + 1 < characters.length; at++) terms.push(`${characters[at]}${characters[at + 1]}`);
  if (characters.length > 1) extras.push(...characters.filter((character) => han.test(character)));
}

const thousands = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const decimal = /^\d+(?:\.\d+)+$/;
const parts = /[^'’.,\-‐‑_]+/gu;
const humps = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;

/** A token may hold several words: `well-known`, `file.name`, `snake_case`, `camelCase`, `l'eau`. */
function addWord(token: string, language: Language, terms: string[], extras: string[]): void {
  // Most words are one word, and need not be looked into.
  if (/^[A-Za-z][a-z]*$/.test(token)) return void terms.push(stem(token, language));
  const ascii = toAsciiDigits(token);
  if (thousands.test(ascii)) return void terms.push(ascii.replaceAll(",", ""));
  if (decimal.test(ascii)) return void terms.push(ascii);
  for (const joined of ascii.split(/[.,]/)) {
    const words = [...dropApostrophes(joined).matchAll(parts)].flatMap(([part]) => part.split(humps));
    for (const word of words) terms.push(stem(word, language));
    if (words.length > 1) extras.push(stem(words.join(""), language));
  }
}

const elision = /^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|dell|all|nell|sull|dall|un)['’](?=\p{L}{2})/iu;

/** `company's` is `company`, `l'eau` is `eau`, `don't` is `dont`. */
function dropApostrophes(word: string): string {
  if (!/['’]/.test(word)) return word;
  return word
    .replace(/['’]s$/i, "")
    .replace(elision, "")
    .replace(/['’](\p{L}?)/gu, (_, next: string) => next.toLowerCase());
}

const digitZeros = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xf20];

function toAsciiDigits(token: string): string {
  return token.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    const zero = digitZeros.find((zero) => code >= zero && code < zero + 10);
    return zero === undefined ? digit : String(code - zero);
  });
}

const cache = new Map<string, string>();
const cacheSize = 50_000;

function stem(word: string, language: Language): string {
  const algorithm = algorithmOf(word, language);
  const key = `${algorithm}:${word}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  // In English an accent is a foreign word's ornament; elsewhere the stemmer needs it.
  const lower = algorithm === "english" ? fold(word.toLowerCase()) : word.toLowerCase();
  const result = fold(algorithm && !/\d/.test(lower) ? stemmer(algorithm).stem(lower) : lower);
  if (cache.size >= cacheSize) cache.clear();
  cache.set(key, result);
  return result;
}

function algorithmOf(word: string, language: Language): string | undefined {
  if (/\p{Script=Latin}/u.test(word)) return language;
  if (/\p{Script=Cyrillic}/u.test(word)) return "russian";
  if (/\p{Script=Arabic}/u.test(word)) return "arabic";
  if (/\p{Script=Armenian}/u.test(word)) return "armenian";
  return /\p{Script=Tamil}/u.test(word) ? "tamil" : undefined;
}

const stemmers = new Map<string, ReturnType<typeof newStemmer>>();

function stemmer(algorithm: string): ReturnType<typeof newStemmer> {
  const known = stemmers.get(algorithm) ?? newStemmer(algorithm);
  stemmers.set(algorithm, known);
  return known;
}

const letters: Record<string, string> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ł: "l", ı: "i", ς: "σ" };

/** Takes diacritics off where they are ornaments; in Indic scripts the marks are vowels. */
function fold(word: string): string {
  if (/^[a-z0-9]*$/.test(word)) return word;
  if (!/[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}]/u.test(word))
    return word;
  return word
    .normalize("NFD")
    .replace(/[\p{Mn}\u0640]/gu, "")
    .replace(/[ßæœøđłıς]/g, (letter) => letters[letter] ?? letter);
}
