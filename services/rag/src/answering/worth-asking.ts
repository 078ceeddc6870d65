import type { Retrieval } from "../retrieval.ts";
import { createCoverage, listCandidates, scoreOf } from "./choose-sentences.ts";
import { toSource } from "./rerank.ts";

const leastByWords = 0.3;
const leastByMeaning = 0.35;

/** Whether anything that was found may answer the question: a model is not asked otherwise. It may still find that nothing does. */
export function isWorthAsking({ passages, asked }: Retrieval): boolean {
  const sources = passages.map(toSource);
  const [first] = sources;
  if (!first) return false;
  if (passages.some(({ hit }) => (hit.cosine ?? 0) >= leastByMeaning)) return true;
  const { find, coverageOf } = createCoverage(asked, first.language);
  const scores = listCandidates(sources, asked).map((candidate) => scoreOf(candidate, undefined));
  return coverageOf(find(`${first.text}\n${first.heading}`)) + Math.max(0, ...scores) >= leastByWords;
}
