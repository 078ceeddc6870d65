import { analyze, detectLanguage, dropStopwords, type Language } from "@lyceum/text";
import type { Turn } from "../generator/generator.ts";

/** Words taken over from what was asked before. */
const maxTakenOver = 8;

/**
 * A question as a search understands it without those before it: where it points back at one, by a pronoun or by naming nothing
 * itself, the telling words of that one are added.
 */
export function toStandAlone(question: string, turns: readonly Turn[]): string {
  const asked = [...turns.filter(({ asker }) => asker).map(({ text }) => text), question];
  // A short question alone hardly shows its language.
  const language = detectLanguage(asked.join("\n"));
  return asked.reduce((before, next) =>
    before && pointsBack(next, language) ? `${next} ${takeOver(before, next, language)}`.trim() : next,
  );
}

const pointers: Partial<Record<Language, RegExp>> = {
  english:
    /\b(?:it|its|they|them|theirs?|he|him|his|she|hers?|this|these|those|the (?:former|latter|same))\b|\bthat\b(?= *(?:[?.,!]|$|(?:is|was|are|were|mean|means|work|works|happen|happens|so|one)\b))|^(?:and|but|or|so|why|what about|how about|what else|who else|which one)\b[^?]{0,40}\??$/i,
  german:
    /\b(?:er|sie|es|ihn|ihm|ihr|ihre[mnrs]?|sein|seine[mnrs]?|dessen|deren|diese[mnrs]?|jene[mnrs]?|da(?:für|von|zu|mit|ran|rum|durch|bei|gegen))\b|^(?:und|aber|oder|warum|wieso)\b[^?]{0,40}\??$/i,
  french:
    /\b(?:il|elle|ils|elles|lui|leurs?|celui|celle|ceux|celles|cela|ça|cette|ces?|son|sa|ses|y|en)\b|^(?:et|mais|ou|pourquoi)\b[^?]{0,40}\??$/i,
  spanish:
    /\b(?:él|ella|ellos|ellas|lo|la|los|las|le|les|su|sus|est[aeo]s?|es[aeo]s?|aquell[ao]s?)\b(?= *[?.,]|$)|\bsus?\b|^¿?(?:y|pero|o|por qué)\b[^?]{0,40}\??$/i,
};
const spacelessPointers = /[它他她牠]|这个|那个|其中|それ|これ|あれ|彼/u;
/** A question that names this much can be understood by itself. */
const maxTelling = 5;

function pointsBack(question: string, language: Language): boolean {
  const telling = tellingWords(question, language);
  if (telling.length === 0) return true;
  if (spacelessPointers.test(question)) return question.length <= 40;
  if (telling.length > maxTelling || !pointers[language]?.test(question)) return false;
  // A name inside the question is what its pronoun means. German writes every noun like a name.
  return language === "german" || !/(?<=\S\s+)\p{Lu}\p{L}/u.test(question.replace(/\bI\b/g, "i"));
}

function takeOver(before: string, question: string, language: Language): string {
  const known = new Set(analyze(question, language).terms);
  return tellingWords(before, language)
    .filter((word) => !analyze(word, language).terms.every((term) => known.has(term)))
    .slice(0, maxTakenOver)
    .join(" ");
}

/** The words of a text that say something; a run without spaces is one. */
function tellingWords(text: string, language: Language): string[] {
  // Beside a number, stopwords go even if there is nothing else.
  const content = dropStopwords(`${text} 0`, language).slice(0, -1);
  return content.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’_.-]*/gu) ?? [];
}
