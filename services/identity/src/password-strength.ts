import type { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { passwordTooWeak } from "./errors.ts";

/**
 * Throws `invalid_argument PASSWORD_TOO_WEAK` for a password that stands in a list of common ones, is one of `personal`, such as
 * the person's address, or could be guessed in a thousand tries (zxcvbn, Wheeler 2016). There is no rule of composition.
 */
export async function requireStrongPassword(password: string, personal: readonly string[]): Promise<void> {
  const normal = password.normalize("NFKC");
  // No list holds a password so long, and the work grows with the square of the length.
  if (normal.length > longestJudged) return;
  const { estimator, common } = await openLists();
  // Asked first: zxcvbn takes a listed one for something else where that is guessed sooner, such as a repetition.
  if (common.has(normal.toLowerCase())) throw passwordTooWeak(adviceOn("common"));
  const { score, sequence, feedback } = estimator.check(normal, wordsOf(personal));
  const [only, ...others] = sequence;
  const isListed = only?.pattern === "dictionary" && others.length === 0 && listNames.has(String(only.dictionaryName));
  if (score === 0 || isListed) throw passwordTooWeak(adviceOn(feedback.warning));
}

const longestJudged = 48;
const listNames = new Set(["passwords-common", "userInputs"]);

type Lists = { readonly estimator: ZxcvbnFactory; readonly common: ReadonlySet<string> };

let lists: Promise<Lists> | undefined;

/** They are read at the first sign-up, not at every start. */
function openLists(): Promise<Lists> {
  lists ??= Promise.all([import("@zxcvbn-ts/core"), import("@zxcvbn-ts/language-common")]).then(
    ([{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }]) => {
      const passwords = dictionary["passwords-common"];
      const estimator = new ZxcvbnFactory({ dictionary: { "passwords-common": passwords }, graphs: adjacencyGraphs });
      return { estimator, common: new Set(passwords.map(String)) };
    },
  );
  return lists;
}

/** An address counts whole, as its name and as its domain. */
function wordsOf(personal: readonly string[]): string[] {
  return personal.flatMap((text) => [text, ...text.split("@")]).filter(Boolean);
}

function adviceOn(warning: string | null): string {
  return `${reasons[warning ?? ""] ?? "This password is easy to guess."} A few words in a row are easy to keep and hard to guess.`;
}

/** By zxcvbn's names of its warnings. */
const reasons: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["topTen", "topHundred", "common", "similarToCommon", "wordByItself"].map((warning) => [
      warning,
      "This password is among the most common ones.",
    ]),
  ),
  ...Object.fromEntries(
    ["simpleRepeat", "extendedRepeat"].map((warning) => [warning, "Repetitions are easy to guess."]),
  ),
  ...Object.fromEntries(
    ["sequences", "straightRow", "keyPattern"].map((warning) => [
      warning,
      "Rows of characters or keys are easy to guess.",
    ]),
  ),
  userInputs: "Your name and address are easy to guess.",
  dates: "Dates are easy to guess.",
};
