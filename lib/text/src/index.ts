export { analyze, analyzeQuery, dropStopwords } from "./analyzer.ts";
export { DamagedSegmentError } from "./blob.ts";
export { detectLanguage, type Language, languages } from "./languages.ts";
export { fuse, searchVectors, searchWords } from "./search.ts";
export { maxPassages, openSegment, type PassageText, type Segment, writeSegment } from "./segment.ts";
export { type Sentence, splitSentences } from "./split-sentences.ts";
export type { Hit } from "./top-list.ts";
export { openVectors, type Vectors, writeVectors } from "./vectors.ts";
